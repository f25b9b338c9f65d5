/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FRAMETEXT_H
#define FRAMETEXT_H

#include <stddef.h>
#include <stdint.h>

#define FRAMETEXT_MAX 256 /**< longest line with its final zero */

/**
 * A frame as one line, "udp 10.0.0.5:4000 > 192.0.2.1:53, 28 bytes, ttl 64". Whatever it holds,
 * a line comes out.
 * @param kept  bytes that are there
 * @param len   bytes of the frame
 */
void frametext(const uint8_t *frame, uint32_t kept, uint32_t len, char *text, size_t size);

#endif /* FRAMETEXT_H */
