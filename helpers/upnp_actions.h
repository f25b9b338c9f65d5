/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_ACTIONS_H
#define SL_UPNP_ACTIONS_H

#include "upnp_table.h"

#define SL_UPNP_LEASE_MAX 604800 /**< seconds, WANIPConnection:2 section 2.3.16 */

/* Actions, as in struct sl_upnp_action. */
int sl_upnp_set_default_service(struct sl_upnp_call *call);
int sl_upnp_get_default_service(struct sl_upnp_call *call);
int sl_upnp_get_link(struct sl_upnp_call *call);
int sl_upnp_get_bytes_sent(struct sl_upnp_call *call);
int sl_upnp_get_bytes_received(struct sl_upnp_call *call);
int sl_upnp_get_packets_sent(struct sl_upnp_call *call);
int sl_upnp_get_packets_received(struct sl_upnp_call *call);
int sl_upnp_set_type(struct sl_upnp_call *call);
int sl_upnp_get_type(struct sl_upnp_call *call);
int sl_upnp_request_connection(struct sl_upnp_call *call);
int sl_upnp_force_termination(struct sl_upnp_call *call);
int sl_upnp_get_status(struct sl_upnp_call *call);
int sl_upnp_get_nat(struct sl_upnp_call *call);
int sl_upnp_get_address(struct sl_upnp_call *call);
int sl_upnp_get_generic(struct sl_upnp_call *call);
int sl_upnp_get_specific(struct sl_upnp_call *call);
int sl_upnp_get_list(struct sl_upnp_call *call);
int sl_upnp_add(struct sl_upnp_call *call);
int sl_upnp_add_any(struct sl_upnp_call *call);
int sl_upnp_delete(struct sl_upnp_call *call);
int sl_upnp_delete_range(struct sl_upnp_call *call);

/* Values, as in struct sl_upnp_var. */
void sl_upnp_value_default_service(struct sl_igd *igd, rte_be32_t client, struct sl_text *out);
void sl_upnp_value_link(struct sl_igd *igd, rte_be32_t client, struct sl_text *out);
void sl_upnp_value_types(struct sl_igd *igd, rte_be32_t client, struct sl_text *out);
void sl_upnp_value_status(struct sl_igd *igd, rte_be32_t client, struct sl_text *out);
void sl_upnp_value_address(struct sl_igd *igd, rte_be32_t client, struct sl_text *out);
void sl_upnp_value_entries(struct sl_igd *igd, rte_be32_t client, struct sl_text *out);
void sl_upnp_value_update_id(struct sl_igd *igd, rte_be32_t client, struct sl_text *out);

/** Give the next result of an action; name and order are the table's. */
void sl_upnp_give(struct sl_upnp_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Place of an argument among an action's; the table has it. */
unsigned int sl_upnp_arg(const struct sl_upnp_call *call, const char *name);

#endif /* SL_UPNP_ACTIONS_H */
