/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Moments of the calendar as text. ISO 8601 in its extended form: a date, then perhaps a
 * time to the minute or the second, then perhaps Z or an offset; without one it is the
 * local time of this machine, because that is what a person means. Seconds since 1970
 * have ten digits (from 2001 on): eight would more likely be a date without its dashes.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "when.h"

/* Exactly n digits, at most max; moves on. */
static bool
digits(const char **p, unsigned int n, int max, int *value)
{
	*value = 0;
	for (; n > 0 && isdigit((unsigned char)**p); n--)
		*value = *value * 10 + *(*p)++ - '0';
	return n == 0 && *value <= max;
}

/* Z, +HH:MM or +HHMM: seconds east of Greenwich. */
static bool
read_offset(const char **p, long *east)
{
	bool west = **p == '-';
	int hour, minute = 0;

	*east = 0;
	if (**p == 'Z') {
		(*p)++;
		return true;
	}
	(*p)++;
	if (!digits(p, 2, 23, &hour))
		return false;
	*p += **p == ':';
	if (**p != '\0' && !digits(p, 2, 59, &minute))
		return false;
	*east = (hour * 60L + minute) * (west ? -60 : 60);
	return true;
}

/* HH:MM, HH:MM:SS or HH:MM:SS.S... */
static bool
read_clock(const char **p, struct tm *tm)
{
	if (!digits(p, 2, 23, &tm->tm_hour) || *(*p)++ != ':' || !digits(p, 2, 59, &tm->tm_min))
		return false;
	if (**p != ':')
		return true;
	(*p)++;
	if (!digits(p, 2, 60, &tm->tm_sec))
		return false;
	if (**p == '.' && isdigit((unsigned char)(*p)[1]))
		*p += 1 + strspn(*p + 1, "0123456789");
	return true;
}

static bool
read_date(const char **p, struct tm *tm)
{
	struct tm same;

	if (!digits(p, 4, 9999, &tm->tm_year) || *(*p)++ != '-' || !digits(p, 2, 12, &tm->tm_mon) ||
		*(*p)++ != '-' || !digits(p, 2, 31, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	same = *tm;
	/* timegm() makes 2 March of 30 February. */
	return timegm(&same) != -1 && same.tm_mday == tm->tm_mday && same.tm_mon == tm->tm_mon;
}

static bool
read_epoch(const char *word, uint32_t *when)
{
	unsigned long long v = 0;
	const char *p = word;

	while (isdigit((unsigned char)*p) && p - word < 11)
		v = v * 10 + (unsigned int)(*p++ - '0');
	*when = (uint32_t)v;
	return p - word == 10 && *p == '\0' && v >= 1000000000 && v <= UINT32_MAX;
}

bool
when_read(const char *word, uint32_t *when)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *p = word;
	long east = 0;
	time_t t;

	if (read_epoch(word, when))
		return true;
	if (!read_date(&p, &tm))
		return false;
	if (*p == 'T' || *p == ' ') {
		p++;
		if (!read_clock(&p, &tm))
			return false;
	}
	if (*p == 'Z' || *p == '+' || *p == '-') {
		if (!read_offset(&p, &east))
			return false;
		t = timegm(&tm) - east;
	} else {
		t = mktime(&tm);
	}
	*when = (uint32_t)t;
	return *p == '\0' && t >= 0 && t <= UINT32_MAX;
}

const char *
when_text(uint32_t when, char buf[WHEN_SIZE])
{
	time_t t = when;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, WHEN_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}
