/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Why EAL does not start, in words that say what to do. EAL logs what failed inside it
 * ("Cannot get hugepage information"), which tells a person who has not written it
 * little; so when it fails, this looks at the usual causes itself: another process with
 * the same file prefix, no hugepages, hugepages that are all taken, none mounted, missing
 * rights. It runs after the failure and only reads.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "diagnose.h"
#include "options.h"

#define HUGE_DIR "/sys/kernel/mm/hugepages"

static const char without_hugepages[] =
	"  without hugepages:  sluice --no-huge -m 512 ... (slower)\n"
	"  reserve some:       echo 512 > " HUGE_DIR "/hugepages-2048kB/nr_hugepages\n"
	"                      (or dpdk-hugepages.py --setup 1G, which mounts them as well)\n";

/* True when the option is there, alone or as --name=value. */
static bool
has(int argc, char **argv, const char *name)
{
	size_t length = strlen(name);

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], name, length) == 0 &&
			(argv[i][length] == '\0' || argv[i][length] == '='))
			return true;
	}
	return false;
}

const char *
diagnose_prefix(int argc, char **argv)
{
	static const char name[] = "--file-prefix";

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], name, sizeof(name) - 1) != 0)
			continue;
		if (argv[i][sizeof(name) - 1] == '=')
			return argv[i] + sizeof(name);
		if (argv[i][sizeof(name) - 1] == '\0' && i + 1 < argc)
			return argv[i + 1];
	}
	return "rte";
}

int
diagnose_words(int argc, char **argv, FILE *err)
{
	for (int i = 1; i < argc; i++) {
		if (options_is_own(argv[i])) {
			fprintf(err,
				"sluice: '%s': expected an EAL option here, sluice's own come "
				"after "
				"'--': sluice [EAL options] -- %s ...\n",
				argv[i], argv[i]);
			return -EINVAL;
		}
	}
	return 0;
}

/* Process that holds EAL's lock for this prefix, or 0. */
static pid_t
lock_holder(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/config", rte_eal_get_runtime_dir());
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		lock.l_pid = 0;
	close(fd);
	return lock.l_pid;
}

/* Sum one number over all sizes of hugepages. */
static unsigned long
count_hugepages(const char *file)
{
	DIR *dir = opendir(HUGE_DIR);
	unsigned long sum = 0, n;
	struct dirent *entry;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		char path[512];
		FILE *f;

		if (strncmp(entry->d_name, "hugepages-", 10) != 0)
			continue;
		snprintf(path, sizeof(path), HUGE_DIR "/%s/%s", entry->d_name, file);
		f = fopen(path, "re");
		if (f == NULL)
			continue;
		if (fscanf(f, "%lu", &n) == 1)
			sum += n;
		fclose(f);
	}
	closedir(dir);
	return sum;
}

static bool
hugetlbfs_mounted(void)
{
	FILE *f = fopen("/proc/mounts", "re");
	char line[1024];
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, " hugetlbfs ") != NULL;
	fclose(f);
	return found;
}

/* What is wrong with hugepages; false when nothing is. */
static bool
explain_hugepages(bool in_memory, FILE *err)
{
	if (count_hugepages("nr_hugepages") == 0) {
		fprintf(err, "sluice: no hugepages are reserved on this machine.\n%s",
			without_hugepages);
		return true;
	}
	if (count_hugepages("free_hugepages") == 0) {
		fprintf(err, "sluice: all hugepages are taken by other processes.\n%s",
			without_hugepages);
		return true;
	}
	if (!in_memory && !hugetlbfs_mounted()) {
		fprintf(err,
			"sluice: hugepages are reserved but no hugetlbfs is mounted.\n"
			"  without a mount:    sluice --in-memory ...\n"
			"  or mount one:       mount -t hugetlbfs none /dev/hugepages\n%s",
			without_hugepages);
		return true;
	}
	return false;
}

void
diagnose_eal(int argc, char **argv, int error, FILE *err)
{
	bool in_memory = has(argc, argv, "--in-memory");
	pid_t pid = in_memory ? 0 : lock_holder();

	if (error == EINVAL) {
		fprintf(err,
			"sluice: EAL refuses its options, see its lines above; they come before "
			"'--', sluice's own after it\n");
		return;
	}
	if (pid != 0) {
		fprintf(err,
			"sluice: process %d already runs with file prefix '%s': start this one "
			"with another, as in --file-prefix %s2, or with --in-memory\n",
			(int)pid, diagnose_prefix(argc, argv), diagnose_prefix(argc, argv));
		return;
	}
	if (!has(argc, argv, "--no-huge") && explain_hugepages(in_memory, err))
		return;
	if (error == ENOMEM)
		fprintf(err, "sluice: EAL did not get its memory: ask for less by -m MEGABYTES\n%s",
			without_hugepages);
	else if (geteuid() != 0)
		fprintf(err,
			"sluice: EAL does not start (%s): is that because of user %d's rights? "
			"Try as root\n",
			rte_strerror(error), (int)geteuid());
	else
		fprintf(err, "sluice: EAL does not start (%s), see its lines above\n",
			rte_strerror(error));
}
