/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_CUT_H
#define SL_STREAM_CUT_H

#include "stream_emit.h"

/**
 * New bytes of a side, next in order: cut them into messages, show these, put what comes of it.
 * @param e    of their packet, or without one: what is held is looked at again
 * @param off  of the first new byte in its payload
 */
void sl_cut(struct sl_emit *e, uint32_t off);

/** Let go what is held of a side, unchanged. */
void sl_cut_flush(struct sl_emit *e);

#endif /* SL_STREAM_CUT_H */
