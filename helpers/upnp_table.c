/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an Internet Gateway Device offers, once: Layer3Forwarding:1, WANCommonInterfaceConfig:1,
 * and WANIPConnection:1 or, with IGD:2, WANIPConnection:2. Optional actions that a gateway for
 * many hosts has no business with (idle times, ending the connection) are left out, and so is
 * DeviceProtection: nobody can log in here, and everybody is the unprivileged control point that
 * WANIPConnection:2 section 2.6 describes.
 *
 * `since` marks what came with WANIPConnection:2.
 */
#include "upnp_actions.h"

#include <string.h>

#define CSTRINGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* clang-format off */

static const struct sl_upnp_var forwarding_vars[] = {
	{ .name = "DefaultConnectionService", .type = SL_UPNP_STRING,
		.value = sl_upnp_value_default_service },
	{ 0 }
};

static const struct sl_upnp_action forwarding_actions[] = {
	{ .name = "SetDefaultConnectionService", .run = sl_upnp_set_default_service,
		.in = { { "NewDefaultConnectionService", "DefaultConnectionService" } } },
	{ .name = "GetDefaultConnectionService", .run = sl_upnp_get_default_service,
		.out = { { "NewDefaultConnectionService", "DefaultConnectionService" } } },
	{ 0 }
};

static const struct sl_upnp_var link_vars[] = {
	{ .name = "WANAccessType", .type = SL_UPNP_STRING,
		.allowed = CSTRINGS("DSL", "POTS", "Cable", "Ethernet") },
	{ .name = "Layer1UpstreamMaxBitRate", .type = SL_UPNP_UI4 },
	{ .name = "Layer1DownstreamMaxBitRate", .type = SL_UPNP_UI4 },
	{ .name = "PhysicalLinkStatus", .type = SL_UPNP_STRING,
		.allowed = CSTRINGS("Up", "Down", "Initializing", "Unavailable"),
		.value = sl_upnp_value_link },
	{ .name = "TotalBytesSent", .type = SL_UPNP_UI4 },
	{ .name = "TotalBytesReceived", .type = SL_UPNP_UI4 },
	{ .name = "TotalPacketsSent", .type = SL_UPNP_UI4 },
	{ .name = "TotalPacketsReceived", .type = SL_UPNP_UI4 },
	{ 0 }
};

static const struct sl_upnp_action link_actions[] = {
	{ .name = "GetCommonLinkProperties", .run = sl_upnp_get_link, .out = {
		{ "NewWANAccessType", "WANAccessType" },
		{ "NewLayer1UpstreamMaxBitRate", "Layer1UpstreamMaxBitRate" },
		{ "NewLayer1DownstreamMaxBitRate", "Layer1DownstreamMaxBitRate" },
		{ "NewPhysicalLinkStatus", "PhysicalLinkStatus" } } },
	{ .name = "GetTotalBytesSent", .run = sl_upnp_get_bytes_sent,
		.out = { { "NewTotalBytesSent", "TotalBytesSent" } } },
	{ .name = "GetTotalBytesReceived", .run = sl_upnp_get_bytes_received,
		.out = { { "NewTotalBytesReceived", "TotalBytesReceived" } } },
	{ .name = "GetTotalPacketsSent", .run = sl_upnp_get_packets_sent,
		.out = { { "NewTotalPacketsSent", "TotalPacketsSent" } } },
	{ .name = "GetTotalPacketsReceived", .run = sl_upnp_get_packets_received,
		.out = { { "NewTotalPacketsReceived", "TotalPacketsReceived" } } },
	{ 0 }
};

static const struct sl_upnp_var connection_vars[] = {
	{ .name = "ConnectionType", .type = SL_UPNP_STRING,
		.allowed = CSTRINGS("Unconfigured", "IP_Routed", "IP_Bridged") },
	{ .name = "PossibleConnectionTypes", .type = SL_UPNP_STRING,
		.allowed = CSTRINGS("Unconfigured", "IP_Routed", "IP_Bridged"),
		.value = sl_upnp_value_types },
	{ .name = "ConnectionStatus", .type = SL_UPNP_STRING,
		.allowed = CSTRINGS("Unconfigured", "Connecting", "Connected",
			"PendingDisconnect", "Disconnecting", "Disconnected"),
		.value = sl_upnp_value_status },
	{ .name = "Uptime", .type = SL_UPNP_UI4 },
	{ .name = "LastConnectionError", .type = SL_UPNP_STRING,
		.allowed = CSTRINGS("ERROR_NONE", "ERROR_UNKNOWN") },
	{ .name = "RSIPAvailable", .type = SL_UPNP_BOOLEAN },
	{ .name = "NATEnabled", .type = SL_UPNP_BOOLEAN },
	{ .name = "ExternalIPAddress", .type = SL_UPNP_STRING, .value = sl_upnp_value_address },
	{ .name = "PortMappingNumberOfEntries", .type = SL_UPNP_UI2,
		.value = sl_upnp_value_entries },
	{ .name = "PortMappingEnabled", .type = SL_UPNP_BOOLEAN },
	{ .name = "PortMappingLeaseDuration", .type = SL_UPNP_UI4,
		.min = 0, .max = SL_UPNP_LEASE_MAX, .range_since = 2 },
	{ .name = "RemoteHost", .type = SL_UPNP_STRING },
	{ .name = "ExternalPort", .type = SL_UPNP_UI2 },
	{ .name = "InternalPort", .type = SL_UPNP_UI2, .min = 1, .max = 65535,
		.error = SL_UPNP_WILDCARD_INT_PORT },
	{ .name = "PortMappingProtocol", .type = SL_UPNP_STRING,
		.allowed = CSTRINGS("TCP", "UDP") },
	{ .name = "InternalClient", .type = SL_UPNP_STRING },
	{ .name = "PortMappingDescription", .type = SL_UPNP_STRING },
	{ .name = "SystemUpdateID", .type = SL_UPNP_UI4, .since = 2,
		.value = sl_upnp_value_update_id },
	{ .name = "A_ARG_TYPE_Manage", .type = SL_UPNP_BOOLEAN, .since = 2 },
	{ .name = "A_ARG_TYPE_PortListing", .type = SL_UPNP_STRING, .since = 2 },
	{ 0 }
};

static const struct sl_upnp_action connection_actions[] = {
	{ .name = "SetConnectionType", .run = sl_upnp_set_type,
		.in = { { "NewConnectionType", "ConnectionType" } } },
	{ .name = "GetConnectionTypeInfo", .run = sl_upnp_get_type, .out = {
		{ "NewConnectionType", "ConnectionType" },
		{ "NewPossibleConnectionTypes", "PossibleConnectionTypes" } } },
	{ .name = "RequestConnection", .run = sl_upnp_request_connection },
	{ .name = "ForceTermination", .run = sl_upnp_force_termination },
	{ .name = "GetStatusInfo", .run = sl_upnp_get_status, .out = {
		{ "NewConnectionStatus", "ConnectionStatus" },
		{ "NewLastConnectionError", "LastConnectionError" },
		{ "NewUptime", "Uptime" } } },
	{ .name = "GetNATRSIPStatus", .run = sl_upnp_get_nat, .out = {
		{ "NewRSIPAvailable", "RSIPAvailable" },
		{ "NewNATEnabled", "NATEnabled" } } },
	{ .name = "GetGenericPortMappingEntry", .run = sl_upnp_get_generic,
		.in = { { "NewPortMappingIndex", "PortMappingNumberOfEntries" } },
		.out = {
		{ "NewRemoteHost", "RemoteHost" },
		{ "NewExternalPort", "ExternalPort" },
		{ "NewProtocol", "PortMappingProtocol" },
		{ "NewInternalPort", "InternalPort" },
		{ "NewInternalClient", "InternalClient" },
		{ "NewEnabled", "PortMappingEnabled" },
		{ "NewPortMappingDescription", "PortMappingDescription" },
		{ "NewLeaseDuration", "PortMappingLeaseDuration" } } },
	{ .name = "GetSpecificPortMappingEntry", .run = sl_upnp_get_specific,
		.in = {
		{ "NewRemoteHost", "RemoteHost" },
		{ "NewExternalPort", "ExternalPort" },
		{ "NewProtocol", "PortMappingProtocol" } },
		.out = {
		{ "NewInternalPort", "InternalPort" },
		{ "NewInternalClient", "InternalClient" },
		{ "NewEnabled", "PortMappingEnabled" },
		{ "NewPortMappingDescription", "PortMappingDescription" },
		{ "NewLeaseDuration", "PortMappingLeaseDuration" } } },
	{ .name = "AddPortMapping", .run = sl_upnp_add, .in = {
		{ "NewRemoteHost", "RemoteHost" },
		{ "NewExternalPort", "ExternalPort" },
		{ "NewProtocol", "PortMappingProtocol" },
		{ "NewInternalPort", "InternalPort" },
		{ "NewInternalClient", "InternalClient" },
		{ "NewEnabled", "PortMappingEnabled" },
		{ "NewPortMappingDescription", "PortMappingDescription" },
		{ "NewLeaseDuration", "PortMappingLeaseDuration" } } },
	{ .name = "AddAnyPortMapping", .since = 2, .run = sl_upnp_add_any,
		.in = {
		{ "NewRemoteHost", "RemoteHost" },
		{ "NewExternalPort", "ExternalPort" },
		{ "NewProtocol", "PortMappingProtocol" },
		{ "NewInternalPort", "InternalPort" },
		{ "NewInternalClient", "InternalClient" },
		{ "NewEnabled", "PortMappingEnabled" },
		{ "NewPortMappingDescription", "PortMappingDescription" },
		{ "NewLeaseDuration", "PortMappingLeaseDuration" } },
		.out = { { "NewReservedPort", "ExternalPort" } } },
	{ .name = "DeletePortMapping", .run = sl_upnp_delete, .in = {
		{ "NewRemoteHost", "RemoteHost" },
		{ "NewExternalPort", "ExternalPort" },
		{ "NewProtocol", "PortMappingProtocol" } } },
	{ .name = "DeletePortMappingRange", .since = 2, .run = sl_upnp_delete_range, .in = {
		{ "NewStartPort", "ExternalPort" },
		{ "NewEndPort", "ExternalPort" },
		{ "NewProtocol", "PortMappingProtocol" },
		{ "NewManage", "A_ARG_TYPE_Manage" } } },
	{ .name = "GetExternalIPAddress", .run = sl_upnp_get_address,
		.out = { { "NewExternalIPAddress", "ExternalIPAddress" } } },
	{ .name = "GetListOfPortMappings", .since = 2, .run = sl_upnp_get_list,
		.in = {
		{ "NewStartPort", "ExternalPort" },
		{ "NewEndPort", "ExternalPort" },
		{ "NewProtocol", "PortMappingProtocol" },
		{ "NewManage", "A_ARG_TYPE_Manage" },
		{ "NewNumberOfPorts", "PortMappingNumberOfEntries" } },
		.out = { { "NewPortListing", "A_ARG_TYPE_PortListing" } } },
	{ 0 }
};

const struct sl_upnp_service sl_upnp_services[SL_UPNP_SERVICES] = {
	{ .type = "Layer3Forwarding", .id = "L3Forwarding1", .path = "l3f",
		.version = { 1, 1, 1 }, .device = 0,
		.vars = forwarding_vars, .actions = forwarding_actions },
	{ .type = "WANCommonInterfaceConfig", .id = "WANCommonIFC1", .path = "cif",
		.version = { 1, 1, 1 }, .device = 1,
		.vars = link_vars, .actions = link_actions },
	{ .type = "WANIPConnection", .id = "WANIPConn1", .path = "ipc",
		.version = { 1, 1, 2 }, .device = 2,
		.vars = connection_vars, .actions = connection_actions },
};

const char *const sl_upnp_devices[3] = {
	"InternetGatewayDevice", "WANDevice", "WANConnectionDevice",
};

static const struct {
	int error;
	const char *text;
} errors[] = {
	{ SL_UPNP_INVALID_ACTION, "Invalid Action" },
	{ SL_UPNP_INVALID_ARGS, "Invalid Args" },
	{ SL_UPNP_ACTION_FAILED, "Action Failed" },
	{ SL_UPNP_NOT_AUTHORIZED, "Action not authorized" },
	{ SL_UPNP_INACTIVE_REQUIRED, "InactiveConnectionStateRequired" },
	{ SL_UPNP_SETUP_FAILED, "ConnectionSetupFailed" },
	{ SL_UPNP_INDEX_INVALID, "SpecifiedArrayIndexInvalid" },
	{ SL_UPNP_NO_SUCH_ENTRY, "NoSuchEntryInArray" },
	{ SL_UPNP_WILDCARD_EXT_PORT, "WildCardNotPermittedInExtPort" },
	{ SL_UPNP_CONFLICT, "ConflictInMappingEntry" },
	{ SL_UPNP_INVALID_DEVICE, "InvalidDeviceUUID" },
	{ SL_UPNP_INVALID_SERVICE, "InvalidServiceID" },
	{ SL_UPNP_INVALID_SELECTION, "InvalidConnServiceSelection" },
	{ SL_UPNP_NO_PORT, "NoPortMapsAvailable" },
	{ SL_UPNP_OTHER_MECHANISM, "ConflictWithOtherMechanisms" },
	{ SL_UPNP_RANGE_EMPTY, "PortMappingNotFound" },
	{ SL_UPNP_WILDCARD_INT_PORT, "WildCardNotPermittedInIntPort" },
	{ SL_UPNP_INCONSISTENT, "InconsistentParameters" },
};

/* clang-format on */

const char *
sl_upnp_error_text(int error)
{
	for (unsigned int i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].error == error)
			return errors[i].text;
	return "Action Failed";
}

const struct sl_upnp_var *
sl_upnp_var(const struct sl_upnp_service *service, const char *name)
{
	for (const struct sl_upnp_var *v = service->vars; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

const struct sl_upnp_action *
sl_upnp_action(const struct sl_upnp_service *service, unsigned int version, const char *name)
{
	for (const struct sl_upnp_action *a = service->actions; a->name != NULL; a++)
		if (sl_upnp_has(a->since, version) && strcmp(a->name, name) == 0)
			return a;
	return NULL;
}
