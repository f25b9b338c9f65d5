/* SPDX-License-Identifier: BSD-3-Clause
 *
 * H.225.0 (12/2009), call signalling and RAS: the part of its ASN.1 that leads to addresses. The
 * root of a type is described to its last field, since each bit counts, or as far as something
 * matters; of the additions those that carry endpoints, by their number. Not described are
 * tokens (H.235): where they are no addition, in Progress alone, nothing behind them is found.
 *
 * fastStart and h245Control are octet strings with H.245 in them (h245.c).
 */
#include "h225.h"

/* clang-format off */

/* ---- basics ---- */

static const struct sl_per_type null = { .kind = SL_PER_NULL };
static const struct sl_per_type boolean = SL_PER_FLAGS(1);
static const struct sl_per_type int8 = SL_PER_RANGE(0, 255);
static const struct sl_per_type int16 = SL_PER_RANGE(0, 65535);
static const struct sl_per_type any_octets = { .kind = SL_PER_OCTETS };
static const struct sl_per_type octets_2 = SL_PER_SIZE(2, 2), octets_4 = SL_PER_SIZE(4, 4);
static const struct sl_per_type octets_6 = SL_PER_SIZE(6, 6), octets_16 = SL_PER_SIZE(16, 16);
static const struct sl_per_type octets_20 = SL_PER_SIZE(1, 20), octets_256 = SL_PER_SIZE(1, 256);
static const struct sl_per_type endpoint = { .kind = SL_PER_ENDPOINT };

static const struct sl_per_field h221_fields[] = { SL_PER_F(int8), SL_PER_F(int8),
	SL_PER_F(int16) };
static const struct sl_per_type h221 = SL_PER_SEQ(3, h221_fields);
static const struct sl_per_field identifier_fields[] = { SL_PER_F(any_octets), SL_PER_F(h221) };
static const struct sl_per_type identifier = SL_PER_ALT(2, identifier_fields);
static const struct sl_per_field non_standard_fields[] = { SL_PER_F(identifier),
	SL_PER_F(any_octets) };
static const struct sl_per_type non_standard = SL_PER_SEQ_ALL(non_standard_fields);

/* ---- addresses ---- */

static const struct sl_per_field route_element[] = { SL_PER_F(octets_4) };
static const struct sl_per_type route = SL_PER_LIST(route_element);
static const struct sl_per_type routing = SL_PER_ONE_OF(2);
static const struct sl_per_field source_route_fields[] = { SL_PER_F(octets_4), SL_PER_F(int16),
	SL_PER_F(route), SL_PER_F(routing) };
static const struct sl_per_type source_route = SL_PER_SEQ(4, source_route_fields);
static const struct sl_per_field ipx_fields[] = { SL_PER_F(octets_6), SL_PER_F(octets_4),
	SL_PER_F(octets_2) };
static const struct sl_per_type ipx = SL_PER_SEQ_ALL(ipx_fields);
static const struct sl_per_field ip6_fields[] = { SL_PER_F(octets_16), SL_PER_F(int16) };
static const struct sl_per_type ip6 = SL_PER_SEQ(2, ip6_fields);
static const struct sl_per_field transport_fields[] = { SL_PER_F(endpoint), SL_PER_F(source_route),
	SL_PER_F(ipx), SL_PER_F(ip6), SL_PER_F(octets_16), SL_PER_F(octets_20),
	SL_PER_F(non_standard) };
static const struct sl_per_type transport = SL_PER_ALT(7, transport_fields);

static const struct sl_per_type digits = SL_PER_CHARS(4, 1, 128);
static const struct sl_per_type unicode = SL_PER_CHARS(16, 1, 256);
static const struct sl_per_field alias_fields[] = {
	SL_PER_F(digits),
	SL_PER_F(unicode),
	[2 + 1] = SL_PER_F(transport),
};
static const struct sl_per_type alias = SL_PER_ALT(2, alias_fields);
static const struct sl_per_field alias_element[] = { SL_PER_F(alias) };
static const struct sl_per_type aliases = SL_PER_LIST(alias_element);

/* ---- EndpointType ---- */

static const struct sl_per_field vendor_fields[] = { SL_PER_F(h221), SL_PER_OPT(octets_256),
	SL_PER_OPT(octets_256) };
static const struct sl_per_type vendor = SL_PER_SEQ(3, vendor_fields);
/* GatekeeperInfo, McuInfo, TerminalInfo, and the Caps of all protocols begin alike. */
static const struct sl_per_field info_fields[] = { SL_PER_OPT(non_standard) };
static const struct sl_per_type info = SL_PER_SEQ(1, info_fields);
static const struct sl_per_field protocol_fields[] = { SL_PER_F(non_standard), SL_PER_F(info),
	SL_PER_F(info), SL_PER_F(info), SL_PER_F(info), SL_PER_F(info), SL_PER_F(info),
	SL_PER_F(info), SL_PER_F(info) };
static const struct sl_per_type protocol = SL_PER_ALT(9, protocol_fields);
static const struct sl_per_field protocol_element[] = { SL_PER_F(protocol) };
static const struct sl_per_type protocols = SL_PER_LIST(protocol_element);
static const struct sl_per_field gateway_fields[] = { SL_PER_OPT(protocols),
	SL_PER_OPT(non_standard) };
static const struct sl_per_type gateway = SL_PER_SEQ(2, gateway_fields);
static const struct sl_per_field type_fields[] = { SL_PER_OPT(non_standard), SL_PER_OPT(vendor),
	SL_PER_OPT(info), SL_PER_OPT(gateway), SL_PER_OPT(info), SL_PER_OPT(info),
	SL_PER_F(boolean), SL_PER_F(boolean) };
static const struct sl_per_type endpoint_type = SL_PER_SEQ(8, type_fields);

/* ---- other parts ---- */

static const struct sl_per_field id_fields[] = { SL_PER_F(octets_16) };
static const struct sl_per_type call_id = SL_PER_SEQ(1, id_fields);
static const struct sl_per_type flags_2 = SL_PER_FLAGS(2), flags_7 = SL_PER_FLAGS(7);
static const struct sl_per_field q954_fields[] = { SL_PER_F(flags_2) };
static const struct sl_per_type q954 = SL_PER_SEQ(1, q954_fields);
static const struct sl_per_field services_fields[] = { SL_PER_F(flags_7), SL_PER_F(q954) };
static const struct sl_per_type services = SL_PER_SEQ(2, services_fields);
static const struct sl_per_field mode_fields[] = { SL_PER_F(non_standard), SL_PER_F(null),
	SL_PER_F(null) };
static const struct sl_per_type mode = SL_PER_ALT(3, mode_fields);
static const struct sl_per_field capabilities_fields[] = { SL_PER_OPT(non_standard), SL_PER_F(mode),
	SL_PER_F(mode), SL_PER_F(mode) };
static const struct sl_per_type capabilities = SL_PER_SEQ(4, capabilities_fields);
static const struct sl_per_field security_fields[] = { SL_PER_F(non_standard), SL_PER_F(null),
	SL_PER_F(capabilities), SL_PER_F(capabilities) };
static const struct sl_per_type security = SL_PER_ALT(4, security_fields);
static const struct sl_per_field crv_element[] = { SL_PER_F(int16) };
static const struct sl_per_type crvs = SL_PER_LIST(crv_element);

static const struct sl_per_field wrapped_open[] = { SL_PER_F(sl_h245_open) };
static const struct sl_per_type open_string = SL_PER_IN_OCTETS(wrapped_open);
static const struct sl_per_field fast_element[] = { SL_PER_F(open_string) };
static const struct sl_per_type fast_start = SL_PER_LIST(fast_element);
static const struct sl_per_field wrapped_h245[] = { SL_PER_F(sl_h245_message) };
static const struct sl_per_type h245_string = SL_PER_IN_OCTETS(wrapped_h245);
static const struct sl_per_field h245_element[] = { SL_PER_F(h245_string) };
static const struct sl_per_type h245_strings = SL_PER_LIST(h245_element);

/* ---- messages ---- */

static const struct sl_per_type goal = SL_PER_ONE_OF(3), call_type = SL_PER_ONE_OF(4);
static const struct sl_per_field setup_fields[] = {
	SL_PER_F(any_octets),
	SL_PER_MARK_OPT(SL_H323_CONTROL, transport),
	SL_PER_MARK_OPT(SL_H323_SIGNAL, aliases), /* sourceAddress */
	SL_PER_F(endpoint_type),
	SL_PER_MARK_OPT(SL_H323_SIGNAL, aliases), /* destinationAddress */
	SL_PER_MARK_OPT(SL_H323_SIGNAL, transport), /* destCallSignalAddress */
	SL_PER_MARK_OPT(SL_H323_SIGNAL, aliases),
	SL_PER_OPT(crvs),
	SL_PER_F(boolean),
	SL_PER_F(octets_16),
	SL_PER_F(goal),
	SL_PER_OPT(services),
	SL_PER_F(call_type),
	[13 + 0] = SL_PER_MARK(SL_H323_SIGNAL, transport), /* sourceCallSignalAddress */
	[13 + 1] = SL_PER_MARK(SL_H323_SIGNAL, alias),
	[13 + 6] = SL_PER_F(fast_start),
	[13 + 24] = SL_PER_F(h245_strings), /* parallelH245Control */
};
static const struct sl_per_type setup = SL_PER_SEQ(13, setup_fields);

/* Alerting and CallProceeding. */
static const struct sl_per_field proceeding_fields[] = {
	SL_PER_F(any_octets),
	SL_PER_F(endpoint_type),
	SL_PER_MARK_OPT(SL_H323_CONTROL, transport),
	[3 + 4] = SL_PER_F(fast_start),
};
static const struct sl_per_type proceeding = SL_PER_SEQ(3, proceeding_fields);

static const struct sl_per_field connected_fields[] = {
	SL_PER_F(any_octets),
	SL_PER_MARK_OPT(SL_H323_CONTROL, transport),
	SL_PER_F(endpoint_type),
	SL_PER_F(octets_16),
	[4 + 4] = SL_PER_F(fast_start),
};
static const struct sl_per_type connected = SL_PER_SEQ(4, connected_fields);

static const struct sl_per_field information_fields[] = {
	SL_PER_F(any_octets),
	[1 + 3] = SL_PER_F(fast_start),
};
static const struct sl_per_type information = SL_PER_SEQ(1, information_fields);

static const struct sl_per_type release_reason = SL_PER_ONE_OF(12);
static const struct sl_per_field release_fields[] = {
	SL_PER_F(any_octets),
	SL_PER_OPT(release_reason),
};
static const struct sl_per_type release = SL_PER_SEQ(2, release_fields);

static const struct sl_per_type facility_reason = SL_PER_ONE_OF(4);
static const struct sl_per_field facility_fields[] = {
	SL_PER_F(any_octets),
	SL_PER_MARK_OPT(SL_H323_SIGNAL, transport), /* alternativeAddress */
	SL_PER_MARK_OPT(SL_H323_SIGNAL, aliases),
	SL_PER_OPT(octets_16),
	SL_PER_F(facility_reason),
	[5 + 6] = SL_PER_MARK(SL_H323_CONTROL, transport),
	[5 + 7] = SL_PER_F(fast_start),
};
static const struct sl_per_type facility = SL_PER_SEQ(5, facility_fields);

static const struct sl_per_field progress_fields[] = {
	SL_PER_F(any_octets),
	SL_PER_F(endpoint_type),
	SL_PER_MARK_OPT(SL_H323_CONTROL, transport),
	SL_PER_F(call_id),
	SL_PER_OPT(security),
	{ .optional = true }, /* tokens */
	{ .optional = true },
	SL_PER_OPT(fast_start),
};
static const struct sl_per_type progress = SL_PER_SEQ(8, progress_fields);

static const struct sl_per_field body_fields[] = {
	SL_PER_MARK(SL_H323_SETUP, setup),
	SL_PER_F(proceeding),
	SL_PER_F(connected),
	SL_PER_F(proceeding), /* Alerting */
	SL_PER_F(information),
	SL_PER_F(release),
	SL_PER_F(facility),
	[7 + 0] = SL_PER_F(progress),
};
static const struct sl_per_type body = SL_PER_ALT(7, body_fields);

static const struct sl_per_field pdu_fields[] = {
	SL_PER_F(body),
	SL_PER_OPT(non_standard),
	[2 + 2] = SL_PER_F(h245_strings), /* h245Control */
};
static const struct sl_per_type pdu = SL_PER_SEQ(2, pdu_fields);

static const struct sl_per_type user_octets = SL_PER_SIZE(1, 131);
static const struct sl_per_field user_fields[] = { SL_PER_F(int8), SL_PER_F(user_octets) };
static const struct sl_per_type user_data = SL_PER_SEQ(2, user_fields);
static const struct sl_per_field message_fields[] = { SL_PER_F(pdu), SL_PER_OPT(user_data) };
const struct sl_per_type sl_h225_message = SL_PER_SEQ(2, message_fields);

/* ---- RAS ---- */

static const struct sl_per_type seq_num = SL_PER_RANGE(1, 65535);
static const struct sl_per_type int32 = SL_PER_RANGE(0, UINT32_MAX);
static const struct sl_per_type time_to_live = SL_PER_RANGE(1, UINT32_MAX);
static const struct sl_per_type name = SL_PER_CHARS(16, 1, 128); /* of gatekeepers, endpoints */
static const struct sl_per_type call_model = SL_PER_ONE_OF(2);
static const struct sl_per_field transport_element[] = { SL_PER_F(transport) };
static const struct sl_per_type transports = SL_PER_LIST(transport_element);

#define SEQUENCE_NUMBER SL_PER_MARK(SL_RAS_SEQUENCE, seq_num)

static const struct sl_per_field grq_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_F(any_octets),
	SL_PER_OPT(non_standard),
	SL_PER_MARK(SL_RAS_RAS, transport),
	SL_PER_F(endpoint_type),
	SL_PER_OPT(name),
	SL_PER_OPT(services),
	SL_PER_OPT(aliases),
};
static const struct sl_per_type grq = SL_PER_SEQ(8, grq_fields);

static const struct sl_per_field gcf_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_F(any_octets),
	SL_PER_OPT(non_standard),
	SL_PER_OPT(name),
	SL_PER_MARK(SL_RAS_RAS, transport),
};
static const struct sl_per_type gcf = SL_PER_SEQ(5, gcf_fields);

static const struct sl_per_field rrq_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_F(any_octets),
	SL_PER_OPT(non_standard),
	SL_PER_F(boolean), /* discoveryComplete */
	SL_PER_MARK(SL_RAS_SIGNAL, transports),
	SL_PER_MARK(SL_RAS_RAS, transports),
	SL_PER_F(endpoint_type),
	SL_PER_OPT(aliases),
	SL_PER_OPT(name),
	SL_PER_F(vendor),
	[10 + 1] = SL_PER_MARK(SL_RAS_TIME, time_to_live),
};
static const struct sl_per_type rrq = SL_PER_SEQ(10, rrq_fields);

static const struct sl_per_field rcf_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_F(any_octets),
	SL_PER_OPT(non_standard),
	SL_PER_MARK(SL_RAS_SIGNAL, transports),
	SL_PER_OPT(aliases),
	SL_PER_OPT(name),
	SL_PER_F(name),
	[7 + 1] = SL_PER_MARK(SL_RAS_TIME, time_to_live),
};
static const struct sl_per_type rcf = SL_PER_SEQ(7, rcf_fields);

static const struct sl_per_field urq_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_MARK(SL_RAS_SIGNAL, transports),
	SL_PER_OPT(aliases),
	SL_PER_OPT(non_standard),
	SL_PER_OPT(name),
};
static const struct sl_per_type urq = SL_PER_SEQ(5, urq_fields);

static const struct sl_per_field arq_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_F(call_type),
	SL_PER_OPT(call_model),
	SL_PER_F(name),
	SL_PER_OPT(aliases),
	SL_PER_MARK_OPT(SL_RAS_SIGNAL, transport), /* destCallSignalAddress */
	SL_PER_OPT(aliases),
	SL_PER_F(aliases),
	SL_PER_MARK_OPT(SL_RAS_SIGNAL, transport), /* srcCallSignalAddress */
	SL_PER_F(int32), /* bandWidth */
	SL_PER_F(int16), /* callReferenceValue */
	SL_PER_OPT(non_standard),
	SL_PER_OPT(services),
	SL_PER_F(octets_16),
	SL_PER_F(flags_2), /* activeMC, answerCall */
};
static const struct sl_per_type arq = SL_PER_SEQ(15, arq_fields);

static const struct sl_per_field acf_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_F(int32), /* bandWidth */
	SL_PER_F(call_model),
	SL_PER_MARK(SL_RAS_SIGNAL, transport), /* destCallSignalAddress */
	SL_PER_OPT(seq_num), /* irrFrequency */
	SL_PER_OPT(non_standard),
};
static const struct sl_per_type acf = SL_PER_SEQ(6, acf_fields);

static const struct sl_per_field lrq_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_OPT(name),
	SL_PER_F(aliases),
	SL_PER_OPT(non_standard),
	SL_PER_MARK(SL_RAS_RAS, transport), /* replyAddress */
};
static const struct sl_per_type lrq = SL_PER_SEQ(5, lrq_fields);

static const struct sl_per_field lcf_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_MARK(SL_RAS_SIGNAL, transport),
	SL_PER_MARK(SL_RAS_RAS, transport),
	SL_PER_OPT(non_standard),
};
static const struct sl_per_type lcf = SL_PER_SEQ(4, lcf_fields);

static const struct sl_per_field irr_fields[] = {
	SL_PER_OPT(non_standard),
	SEQUENCE_NUMBER,
	SL_PER_F(endpoint_type),
	SL_PER_F(name),
	SL_PER_MARK(SL_RAS_RAS, transport),
	SL_PER_MARK(SL_RAS_SIGNAL, transports),
	SL_PER_OPT(aliases),
	{ .optional = true }, /* perCallInfo */
};
static const struct sl_per_type irr = SL_PER_SEQ(8, irr_fields);

static const struct sl_per_field rrj_fields[] = {
	SEQUENCE_NUMBER,
	SL_PER_F(any_octets),
	SL_PER_OPT(non_standard),
	{ .optional = false }, /* rejectReason */
	{ .optional = true },
};
static const struct sl_per_type rrj = SL_PER_SEQ(5, rrj_fields);

#define RAS(number, type_) [(number)-1] = SL_PER_MARK(number, type_)
#define RAS_MESSAGES 25

static const struct sl_per_field ras_fields[RAS_MESSAGES] = {
	RAS(SL_RAS_GRQ, grq),
	RAS(SL_RAS_GCF, gcf),
	RAS(SL_RAS_RRQ, rrq),
	RAS(SL_RAS_RCF, rcf),
	RAS(SL_RAS_RRJ, rrj),
	RAS(SL_RAS_URQ, urq),
	RAS(SL_RAS_ARQ, arq),
	RAS(SL_RAS_ACF, acf),
	RAS(SL_RAS_LRQ, lrq),
	RAS(SL_RAS_LCF, lcf),
	RAS(SL_RAS_IRR, irr),
};
const struct sl_per_type sl_h225_ras = SL_PER_ALT(RAS_MESSAGES, ras_fields);
