/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The list of all helpers. A helper's number is its place here, counted from 1; new ones come
 * at the end.
 */
#include "all.h"

#include <rte_common.h>

const struct sl_helper_ops *const sl_helpers[] = {
	&sl_helper_ftp,
	&sl_helper_tftp,
	&sl_helper_irc,
	&sl_helper_h323,
	&sl_helper_sip,
	&sl_helper_pptp,
	&sl_helper_ras,
	NULL,
};

_Static_assert(RTE_DIM(sl_helpers) <= SL_HELPERS_MAX + 1, "a bit and a place for each");
