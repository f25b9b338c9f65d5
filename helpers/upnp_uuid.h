/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_UUID_H
#define SL_UPNP_UUID_H

#include <stddef.h>
#include <stdint.h>

#define SL_UUID_TEXT 37 /**< with the final zero */

/** A version 5 UUID (RFC 4122 section 4.3) of a name within a name space. */
void sl_uuid_name(const uint8_t space[16], const void *name, size_t n, char text[SL_UUID_TEXT]);

/** A version 4 UUID (section 4.4) of 16 random bytes. */
void sl_uuid_random(const uint8_t random[16], char text[SL_UUID_TEXT]);

#endif /* SL_UPNP_UUID_H */
