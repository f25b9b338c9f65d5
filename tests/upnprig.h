/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UPNPRIG_H
#define UPNPRIG_H

/** A UPnP server on the loopback, in a loop of its own, and what its clients say and hear. */

#include "loop.h"
#include "upnpkit.h"

#define DEADLINE 400
#define REPLY_MAX 65536
#define LAN1 "127.0.0.2"
#define LAN2 "127.0.0.3"
#define BOX "127.0.0.1"

struct rig {
	struct kit *kit;
	struct loop *loop;
	struct sl_upnp *upnp;
	struct sl_ifaddr addr;
	uint64_t skew; /* put forward */
	char reply[REPLY_MAX];
	size_t n;
	bool closed; /* by the server */
};

extern unsigned int rig_port; /**< the server's */

/** Set-up and tear-down of a test; its state is the rig. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/** Begin to serve. */
void rig_open(struct rig *rig);

/** Milliseconds of the clock. */
uint64_t rig_ms(void);

/** The same for the server, put forward. */
uint64_t rig_now(void *rig);

/** Turn the loop for so long. */
void rig_turn_for(struct rig *rig, unsigned int ms);

/** Connect from an address. */
int rig_dial(struct rig *rig, const char *from);

/** Send all of it, unless the server closes first. */
void rig_say(struct rig *rig, int fd, const char *data, size_t n);

/** Receive until the server has closed, or ms have passed. */
void rig_hear(struct rig *rig, int fd, unsigned int ms);

/** Status of a reply, 0: there was none. */
unsigned int rig_status(const struct rig *rig);

/** Does the reply contain a text? */
bool rig_says(const struct rig *rig, const char *text);

/** A request of n bytes; its status. */
unsigned int rig_ask(struct rig *rig, const char *from, const char *request, size_t n);

/** A request for BOX; head has lines that end in CRLF. */
unsigned int rig_http(
	struct rig *rig, const char *from, const char *line, const char *head, const char *body);

#endif /* UPNPRIG_H */
