/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HTTPD_H
#define SL_HTTPD_H

/**
 * @file
 * An HTTP server in the caller's loop: no thread, no waiting, and clients that are slow or many
 * hold nobody up. What is served is the caller's.
 */

#include <stdbool.h>
#include <stdint.h>

#include <microhttpd.h>

#define SL_HTTPD_MAX 16 /**< connections at once, at most */
#define SL_HTTPD_HEADER_MAX 8192 /**< bytes of a request's header that there is memory for */
#define SL_HTTPD_DEADLINE 5000 /**< milliseconds for a request and its answer, by default */

/** Called when a descriptor is ready; events as of epoll. */
typedef void sl_httpd_fd_fn(void *arg, uint32_t events);

/** What a server is made of; copied. */
struct sl_httpd_params {
	unsigned int max_host; /**< connections of one host; of IPv6 that is a /64 */
	uint32_t deadline; /**< milliseconds for all of a connection, 0: SL_HTTPD_DEADLINE */
	void *arg; /**< of the functions: */
	uint64_t (*now)(void *arg); /**< milliseconds */
	/** As loop_add() and loop_del(). */
	int (*watch)(void *arg, int fd, uint32_t events, sl_httpd_fd_fn *fn, void *fn_arg);
	void (*unwatch)(void *arg, int fd);
	/** Is this accepted connection wanted? NULL: each is. */
	bool (*welcome)(void *arg, int fd);
	/** Called when sl_httpd_poll() is wanted sooner than it said; NULL: it is called soon. */
	void (*wake)(void *arg);
	MHD_AccessHandlerCallback request; /**< gets request_arg */
	MHD_RequestCompletedCallback done; /**< may be NULL */
	void *request_arg;
};

struct sl_httpd; /**< a server */

/**
 * Serve what connects to a listening socket.
 * @param listener  SOCK_NONBLOCK; the server's from here on, also on failure
 * @return NULL with errno
 */
struct sl_httpd *sl_httpd_create(const struct sl_httpd_params *params, int listener);

/** Close all connections and free it. NULL is fine. */
void sl_httpd_destroy(struct sl_httpd *httpd);

/** Do what is due. @return when to be called again, UINT64_MAX: nothing is */
uint64_t sl_httpd_poll(struct sl_httpd *httpd, uint64_t now);

/** Connections that were turned away or cut because there were too many, or they took too long. */
uint64_t sl_httpd_refused(const struct sl_httpd *httpd);

#endif /* SL_HTTPD_H */
