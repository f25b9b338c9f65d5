/* SPDX-License-Identifier: BSD-3-Clause
 *
 * H.245, the part of its ASN.1 (07/2003) that leads to addresses: OpenLogicalChannel and its Ack.
 * What media a channel is for stands before its addresses, so the codecs are here to be
 * walked over; those that came later are additions and tell their length. Channels of H.222,
 * H.223 and V.76 have no place in H.323 and are not described, nor are other messages.
 */
#include "h225.h"

/* clang-format off */

/* ---- basics ---- */

static const struct sl_per_type null = { .kind = SL_PER_NULL };
static const struct sl_per_type boolean = SL_PER_FLAGS(1);
static const struct sl_per_type int8 = SL_PER_RANGE(0, 255), int8_1 = SL_PER_RANGE(1, 255);
static const struct sl_per_type int16 = SL_PER_RANGE(0, 65535), int16_1 = SL_PER_RANGE(1, 65535);
static const struct sl_per_type int32 = SL_PER_RANGE(0, UINT32_MAX);
static const struct sl_per_type int256 = SL_PER_RANGE(1, 256);
static const struct sl_per_type any_octets = { .kind = SL_PER_OCTETS };
static const struct sl_per_type octets_2 = SL_PER_SIZE(2, 2), octets_4 = SL_PER_SIZE(4, 4);
static const struct sl_per_type octets_6 = SL_PER_SIZE(6, 6), octets_16 = SL_PER_SIZE(16, 16);
static const struct sl_per_type octets_255 = SL_PER_SIZE(1, 255);
static const struct sl_per_type endpoint = { .kind = SL_PER_ENDPOINT };

static const struct sl_per_field h221_fields[] = { SL_PER_F(int8), SL_PER_F(int8),
	SL_PER_F(int16) };
static const struct sl_per_type h221 = SL_PER_SEQ_ALL(h221_fields);
static const struct sl_per_field identifier_fields[] = { SL_PER_F(any_octets), SL_PER_F(h221) };
static const struct sl_per_type identifier = SL_PER_ALT_ALL(identifier_fields);
static const struct sl_per_field non_standard_fields[] = {
	SL_PER_F(identifier),
	SL_PER_F(any_octets),
};
static const struct sl_per_type non_standard = SL_PER_SEQ_ALL(non_standard_fields);
static const struct sl_per_field non_standard_element[] = { SL_PER_F(non_standard) };
static const struct sl_per_type non_standards = SL_PER_LIST(non_standard_element);

/* ---- addresses ---- */

static const struct sl_per_field ip_fields[] = { SL_PER_F(endpoint) };
static const struct sl_per_type ip = SL_PER_SEQ(1, ip_fields);
static const struct sl_per_field ipx_fields[] = {
	SL_PER_F(octets_6),
	SL_PER_F(octets_4),
	SL_PER_F(octets_2),
};
static const struct sl_per_type ipx = SL_PER_SEQ(3, ipx_fields);
static const struct sl_per_field ip6_fields[] = { SL_PER_F(octets_16), SL_PER_F(int16) };
static const struct sl_per_type ip6 = SL_PER_SEQ(2, ip6_fields);
static const struct sl_per_field routing_fields[] = { SL_PER_F(null), SL_PER_F(null) };
static const struct sl_per_type routing = SL_PER_ALT_ALL(routing_fields);
static const struct sl_per_field route_element[] = { SL_PER_F(octets_4) };
static const struct sl_per_type route = SL_PER_LIST(route_element);
static const struct sl_per_field source_route_fields[] = {
	SL_PER_F(routing),
	SL_PER_F(octets_4),
	SL_PER_F(int16),
	SL_PER_F(route),
};
static const struct sl_per_type source_route = SL_PER_SEQ(4, source_route_fields);
static const struct sl_per_field unicast_fields[] = {
	SL_PER_F(ip),
	SL_PER_F(ipx),
	SL_PER_F(ip6),
	SL_PER_F(octets_16),
	SL_PER_F(source_route),
};
static const struct sl_per_type unicast = SL_PER_ALT(5, unicast_fields);
static const struct sl_per_field group_fields[] = { SL_PER_F(octets_4), SL_PER_F(int16) };
static const struct sl_per_type group = SL_PER_SEQ(2, group_fields);
static const struct sl_per_field multicast_fields[] = { SL_PER_F(group), SL_PER_F(ip6) };
static const struct sl_per_type multicast = SL_PER_ALT(2, multicast_fields);
static const struct sl_per_field transport_fields[] = { SL_PER_F(unicast), SL_PER_F(multicast) };
static const struct sl_per_type transport = SL_PER_ALT(2, transport_fields);

/* ---- video ---- */

static const struct sl_per_type mpi_4 = SL_PER_RANGE(1, 4), mpi_32 = SL_PER_RANGE(1, 32);
static const struct sl_per_type rate_h261 = SL_PER_RANGE(1, 19200);
static const struct sl_per_type rate_h263 = SL_PER_RANGE(1, 192400);
static const struct sl_per_type flags_5 = SL_PER_FLAGS(5), flags_11 = SL_PER_FLAGS(11);
static const struct sl_per_type hrd_b = SL_PER_RANGE(0, 524287);
static const struct sl_per_type int4 = SL_PER_RANGE(0, 15), int14 = SL_PER_RANGE(0, 16383);
static const struct sl_per_type int18 = SL_PER_RANGE(0, 262143);
static const struct sl_per_type int30 = SL_PER_RANGE(0, 1073741823);

static const struct sl_per_field h261_fields[] = {
	SL_PER_OPT(mpi_4),
	SL_PER_OPT(mpi_4),
	SL_PER_F(boolean),
	SL_PER_F(rate_h261),
	SL_PER_F(boolean),
};
static const struct sl_per_type h261 = SL_PER_SEQ(5, h261_fields);
static const struct sl_per_field h262_fields[] = {
	SL_PER_F(flags_11), /* profiles and levels */
	SL_PER_OPT(int30),
	SL_PER_OPT(int18),
	SL_PER_OPT(int14),
	SL_PER_OPT(int14),
	SL_PER_OPT(int4),
	SL_PER_OPT(int32),
};
static const struct sl_per_type h262 = SL_PER_SEQ(7, h262_fields);
static const struct sl_per_field h263_fields[] = {
	SL_PER_OPT(mpi_32),
	SL_PER_OPT(mpi_32),
	SL_PER_OPT(mpi_32),
	SL_PER_OPT(mpi_32),
	SL_PER_OPT(mpi_32),
	SL_PER_F(rate_h263),
	SL_PER_F(flags_5),
	SL_PER_OPT(hrd_b),
	SL_PER_OPT(int16),
};
static const struct sl_per_type h263 = SL_PER_SEQ(9, h263_fields);
static const struct sl_per_field mpeg1_fields[] = {
	SL_PER_F(boolean),
	SL_PER_OPT(int30),
	SL_PER_OPT(int18),
	SL_PER_OPT(int14),
	SL_PER_OPT(int14),
	SL_PER_OPT(int4),
	SL_PER_OPT(int32),
};
static const struct sl_per_type mpeg1 = SL_PER_SEQ(7, mpeg1_fields);
static const struct sl_per_field video_fields[] = {
	SL_PER_F(non_standard),
	SL_PER_F(h261),
	SL_PER_F(h262),
	SL_PER_F(h263),
	SL_PER_F(mpeg1),
};
static const struct sl_per_type video = SL_PER_ALT(5, video_fields);

/* ---- audio ---- */

static const struct sl_per_type flags_8 = SL_PER_FLAGS(8), flags_20 = SL_PER_FLAGS(20);
static const struct sl_per_type rate_mpeg1 = SL_PER_RANGE(1, 448);
static const struct sl_per_type rate_mpeg2 = SL_PER_RANGE(1, 1130);

static const struct sl_per_field g7231_fields[] = { SL_PER_F(int256), SL_PER_F(boolean) };
static const struct sl_per_type g7231 = SL_PER_SEQ_ALL(g7231_fields);
static const struct sl_per_field audio_mpeg1_fields[] = { SL_PER_F(flags_8), SL_PER_F(rate_mpeg1) };
static const struct sl_per_type audio_mpeg1 = SL_PER_SEQ(2, audio_mpeg1_fields);
static const struct sl_per_field audio_mpeg2_fields[] = { SL_PER_F(flags_20),
	SL_PER_F(rate_mpeg2) };
static const struct sl_per_type audio_mpeg2 = SL_PER_SEQ(2, audio_mpeg2_fields);
static const struct sl_per_field audio_fields[] = {
	SL_PER_F(non_standard),
	SL_PER_F(int256), /* G.711: A-law 64k, 56k, U-law 64k, 56k */
	SL_PER_F(int256),
	SL_PER_F(int256),
	SL_PER_F(int256),
	SL_PER_F(int256), /* G.722: 64k, 56k, 48k */
	SL_PER_F(int256),
	SL_PER_F(int256),
	SL_PER_F(g7231),
	SL_PER_F(int256), /* G.728, G.729, G.729A */
	SL_PER_F(int256),
	SL_PER_F(int256),
	SL_PER_F(audio_mpeg1),
	SL_PER_F(audio_mpeg2),
};
static const struct sl_per_type audio = SL_PER_ALT(14, audio_fields);

/* ---- data ---- */

static const struct sl_per_type flags_19 = SL_PER_FLAGS(19);
static const struct sl_per_field protocol_fields[] = {
	SL_PER_F(non_standard),
	SL_PER_F(null),
	SL_PER_F(null),
	SL_PER_F(null),
	SL_PER_F(null),
	SL_PER_F(null),
	SL_PER_F(null),
};
static const struct sl_per_type protocol = SL_PER_ALT(7, protocol_fields);
static const struct sl_per_field restricted_fields[] = { SL_PER_F(flags_19) };
static const struct sl_per_type restricted = SL_PER_SEQ(1, restricted_fields);
static const struct sl_per_field t84_profiles[] = { SL_PER_F(null), SL_PER_F(restricted) };
static const struct sl_per_type t84_profile = SL_PER_ALT_ALL(t84_profiles);
static const struct sl_per_field t84_fields[] = { SL_PER_F(protocol), SL_PER_F(t84_profile) };
static const struct sl_per_type t84 = SL_PER_SEQ_ALL(t84_fields);
static const struct sl_per_field nlpid_fields[] = { SL_PER_F(protocol), SL_PER_F(any_octets) };
static const struct sl_per_type nlpid = SL_PER_SEQ_ALL(nlpid_fields);
static const struct sl_per_field application_fields[] = {
	SL_PER_F(non_standard),
	SL_PER_F(protocol), /* T.120 */
	SL_PER_F(protocol),
	SL_PER_F(protocol),
	SL_PER_F(t84),
	SL_PER_F(protocol), /* T.434, H.224 */
	SL_PER_F(protocol),
	SL_PER_F(nlpid),
	SL_PER_F(null),
	SL_PER_F(protocol),
};
static const struct sl_per_type application = SL_PER_ALT(10, application_fields);
static const struct sl_per_field data_fields[] = { SL_PER_F(application), SL_PER_F(int32) };
static const struct sl_per_type data = SL_PER_SEQ(2, data_fields);

static const struct sl_per_field encryption_fields[] = { SL_PER_F(non_standard), SL_PER_F(null) };
static const struct sl_per_type encryption = SL_PER_ALT(2, encryption_fields);
static const struct sl_per_field data_type_fields[] = {
	SL_PER_F(non_standard),
	SL_PER_F(null),
	SL_PER_F(video),
	SL_PER_F(audio),
	SL_PER_F(data),
	SL_PER_F(encryption),
};
static const struct sl_per_type data_type = SL_PER_ALT(6, data_type_fields);

/* ---- channels ---- */

static const struct sl_per_type label_number = SL_PER_RANGE(0, 192);
static const struct sl_per_field label_fields[] = { SL_PER_F(label_number),
	SL_PER_F(label_number) };
static const struct sl_per_type label = SL_PER_SEQ(2, label_fields);
static const struct sl_per_type payload_type = SL_PER_RANGE(96, 127);
static const struct sl_per_type packetization = SL_PER_ONE_OF(1);

/* H2250LogicalChannelParameters. */
static const struct sl_per_field rtp_fields[] = {
	SL_PER_OPT(non_standards),
	SL_PER_F(int8),
	SL_PER_OPT(int8_1),
	SL_PER_MARK_OPT(SL_H323_MEDIA, transport),
	SL_PER_OPT(boolean),
	SL_PER_MARK_OPT(SL_H323_RTCP, transport),
	SL_PER_OPT(boolean),
	SL_PER_OPT(boolean),
	SL_PER_OPT(label),
	SL_PER_OPT(payload_type),
	SL_PER_OPT(packetization),
};
static const struct sl_per_type rtp = SL_PER_SEQ(11, rtp_fields);

/* multiplexParameters; what is without a type is that of H.222, H.223, V.76. */
static const struct sl_per_field forward_kinds[] = { {}, {}, {}, SL_PER_F(rtp) };
static const struct sl_per_type forward_kind = SL_PER_ALT(3, forward_kinds);
static const struct sl_per_field reverse_kinds[] = { {}, {}, SL_PER_F(rtp) };
static const struct sl_per_type reverse_kind = SL_PER_ALT(2, reverse_kinds);
static const struct sl_per_field ack_kinds[] = { {}, SL_PER_F(rtp) };
static const struct sl_per_type ack_kind = SL_PER_ALT(1, ack_kinds);

/* NetworkAccessParameters: of a stack of its own, T.120. */
static const struct sl_per_type distribution = SL_PER_ONE_OF(2);
static const struct sl_per_type digits = SL_PER_CHARS(4, 1, 128);
static const struct sl_per_field network_kinds[] = { {}, SL_PER_F(digits), SL_PER_F(transport) };
static const struct sl_per_type network_kind = SL_PER_ALT(3, network_kinds);
static const struct sl_per_field network_fields[] = {
	SL_PER_OPT(distribution),
	SL_PER_F(network_kind),
	SL_PER_F(boolean),
	SL_PER_OPT(octets_255),
};
static const struct sl_per_type network = SL_PER_SEQ(4, network_fields);

/* ---- OpenLogicalChannel ---- */

static const struct sl_per_field forward_fields[] = {
	SL_PER_OPT(int16),
	SL_PER_F(data_type),
	SL_PER_F(forward_kind),
};
static const struct sl_per_type forward = SL_PER_SEQ(3, forward_fields);
static const struct sl_per_field reverse_fields[] = {
	SL_PER_F(data_type),
	SL_PER_OPT(reverse_kind),
};
static const struct sl_per_type reverse = SL_PER_SEQ(2, reverse_fields);
static const struct sl_per_field open_fields[] = {
	SL_PER_MARK(SL_H323_CHANNEL, int16_1), SL_PER_F(forward), SL_PER_OPT(reverse),
	SL_PER_MARK(SL_H323_DATA, network), /* an addition */
};
const struct sl_per_type sl_h245_open = SL_PER_SEQ(3, open_fields);

/* ---- its Ack ---- */

static const struct sl_per_field ack_reverse_fields[] = {
	SL_PER_F(int16_1),
	SL_PER_OPT(int16),
	SL_PER_OPT(ack_kind),
};
static const struct sl_per_type ack_reverse = SL_PER_SEQ(3, ack_reverse_fields);
static const struct sl_per_field ack_rtp_fields[] = {
	SL_PER_OPT(non_standards),
	SL_PER_OPT(int8_1),
	SL_PER_MARK_OPT(SL_H323_MEDIA, transport),
	SL_PER_MARK_OPT(SL_H323_RTCP, transport),
	SL_PER_OPT(payload_type),
};
static const struct sl_per_type ack_rtp = SL_PER_SEQ(5, ack_rtp_fields);
static const struct sl_per_field ack_forward_kinds[] = { SL_PER_F(ack_rtp) };
static const struct sl_per_type ack_forward = SL_PER_ALT(1, ack_forward_kinds);
static const struct sl_per_field ack_fields[] = {
	SL_PER_MARK(SL_H323_CHANNEL, int16_1),
	SL_PER_OPT(ack_reverse),
	/* additions */
	SL_PER_MARK(SL_H323_DATA, network),
	SL_PER_F(ack_forward),
};
static const struct sl_per_type ack = SL_PER_SEQ(2, ack_fields);

/* ---- messages ---- */

static const struct sl_per_field requests[11] = { [3] = SL_PER_MARK(SL_H323_OPEN, sl_h245_open) };
static const struct sl_per_type request = SL_PER_ALT(11, requests);
static const struct sl_per_field responses[19] = { [5] = SL_PER_MARK(SL_H323_ACK, ack) };
static const struct sl_per_type response = SL_PER_ALT(19, responses);
static const struct sl_per_field commands[7] = { [5] = { .mark = SL_H323_END } };
static const struct sl_per_type command = SL_PER_ALT(7, commands);
static const struct sl_per_field message_fields[] = {
	SL_PER_F(request), SL_PER_F(response), SL_PER_F(command), {}, /* indication */
};
const struct sl_per_type sl_h245_message = SL_PER_ALT(4, message_fields);
