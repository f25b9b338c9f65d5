/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_PAST_H
#define SL_STREAM_PAST_H

#include "stream_wire.h"

/**
 * A segment of a stream that is past (sl_stream_past()), sent on with its numbers shifted.
 * @return false: it begins another connection, nothing is past any more, and it is not taken
 */
bool sl_past_take(struct sl_stream *s, struct sl_segment *g);

#endif /* SL_STREAM_PAST_H */
