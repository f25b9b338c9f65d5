/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_TABLE_H
#define SL_UPNP_TABLE_H

#include "upnp.h"
#include "upnp_text.h"
#include "upnp_uuid.h"

/*
 * The services, as one table: descriptions are printed from it, requests checked against it,
 * answers written along it.
 */

#define SL_UPNP_ARGS_MAX 8 /* each way */

/** Errors of control (UDA 1.1 section 3.2.2 and the services' own). */
enum sl_upnp_error {
	SL_UPNP_INVALID_ACTION = 401,
	SL_UPNP_INVALID_ARGS = 402,
	SL_UPNP_ACTION_FAILED = 501,
	SL_UPNP_NOT_AUTHORIZED = 606,
	SL_UPNP_INACTIVE_REQUIRED = 703,
	SL_UPNP_SETUP_FAILED = 704,
	SL_UPNP_INDEX_INVALID = 713,
	SL_UPNP_NO_SUCH_ENTRY = 714,
	SL_UPNP_WILDCARD_EXT_PORT = 716,
	SL_UPNP_CONFLICT = 718,
	SL_UPNP_INVALID_DEVICE = 720,
	SL_UPNP_INVALID_SERVICE = 721,
	SL_UPNP_INVALID_SELECTION = 723,
	SL_UPNP_NO_PORT = 728,
	SL_UPNP_OTHER_MECHANISM = 729,
	SL_UPNP_RANGE_EMPTY = 730,
	SL_UPNP_WILDCARD_INT_PORT = 732,
	SL_UPNP_INCONSISTENT = 733,
};

/** The text that belongs to an error. */
const char *sl_upnp_error_text(int error);

enum sl_upnp_type {
	SL_UPNP_STRING,
	SL_UPNP_BOOLEAN,
	SL_UPNP_UI2,
	SL_UPNP_UI4,
};

/** The device: what actions and events know. */
struct sl_igd {
	struct sl_leases *leases;
	unsigned int tenant;
	unsigned int version; /**< of the IGD, 1 or 2 */
	uint32_t update_id; /**< of the list of port mappings */
	char udn[3][SL_UUID_TEXT]; /**< root, WANDevice, WANConnectionDevice */
	void *arg;
	void (*figures)(void *arg, struct sl_upnp_figures *figures);
};

/** A state variable. */
struct sl_upnp_var {
	const char *name;
	enum sl_upnp_type type;
	uint8_t since; /**< version of the service, 0: the first */
	const char *const *allowed; /**< values, NULL-terminated; or NULL */
	uint32_t min, max; /**< range when max is not 0 */
	uint8_t range_since; /**< version that has the range */
	uint16_t error; /**< version 2: of a number out of range, 0: 402 */
	/** Its value for a host; one that has this is evented. */
	void (*value)(struct sl_igd *igd, rte_be32_t client, struct sl_text *out);
};

/** An argument, and the variable that it is of. */
struct sl_upnp_arg {
	const char *name, *var;
};

struct sl_upnp_call;

/** An action; arguments in their order, both lists end with a NULL name. */
struct sl_upnp_action {
	const char *name;
	uint8_t since;
	/** @return 0 with all results given, or an enum sl_upnp_error */
	int (*run)(struct sl_upnp_call *call);
	struct sl_upnp_arg in[SL_UPNP_ARGS_MAX + 1];
	struct sl_upnp_arg out[SL_UPNP_ARGS_MAX + 1];
};

/** A service; vars and actions end with a NULL name. */
struct sl_upnp_service {
	const char *type; /**< as in urn:schemas-upnp-org:service:TYPE:1 */
	const char *id; /**< as in urn:upnp-org:serviceId:ID */
	const char *path; /**< last part of its URLs */
	uint8_t version[3]; /**< by version of the IGD */
	uint8_t device; /**< whose it is, index of sl_igd.udn */
	const struct sl_upnp_var *vars;
	const struct sl_upnp_action *actions;
};

#define SL_UPNP_SERVICES 3
extern const struct sl_upnp_service sl_upnp_services[SL_UPNP_SERVICES];

/** Names of the device types, by index of sl_igd.udn. */
extern const char *const sl_upnp_devices[3];

/** A call of an action, checked and ready to run. */
struct sl_upnp_call {
	struct sl_igd *igd;
	const struct sl_upnp_service *service;
	const struct sl_upnp_action *action;
	unsigned int version; /**< of the service that this device has */
	rte_be32_t client;
	uint64_t now;
	char *in[SL_UPNP_ARGS_MAX]; /**< values, in the action's order */
	uint32_t number[SL_UPNP_ARGS_MAX]; /**< of those that are numbers or booleans */
	struct sl_text *out;
	unsigned int n_out; /**< results given */
};

/** Is a thing of the table part of this version? */
static inline bool
sl_upnp_has(uint8_t since, unsigned int version)
{
	return since <= version;
}

/** The version of a service that this device has. */
static inline unsigned int
sl_upnp_version(const struct sl_igd *igd, const struct sl_upnp_service *service)
{
	return service->version[igd->version];
}

/** A variable by name, or NULL. */
const struct sl_upnp_var *sl_upnp_var(const struct sl_upnp_service *service, const char *name);

/** An action of a version by name, or NULL. */
const struct sl_upnp_action *sl_upnp_action(
	const struct sl_upnp_service *service, unsigned int version, const char *name);

#endif /* SL_UPNP_TABLE_H */
