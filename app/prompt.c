/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The interactive prompt on stdin.
 *
 * On a terminal rte_cmdline's line editor (rdline) gives editing, history and, by TAB,
 * completion and help. The keys go in one by one as the loop finds them, so control is
 * never kept: rte_cmdline's own loops, which block, are not used. From anything else
 * lines are read without echo.
 *
 * stdout is opened a second time, non-blocking, so that a terminal or a pipe that takes
 * nothing stops the prompt and not control; the descriptor that others have stays as it
 * is. While an answer is still on its way no key but Ctrl-C does anything.
 *
 * Ctrl-C forgets the line, or ends an answer that is too long: a slip must not stop a
 * gateway. Ctrl-D or "quit" leaves the prompt, "shutdown" stops the box. The terminal
 * gets its settings back in prompt_destroy().
 */

#define ALLOW_EXPERIMENTAL_API /* rdline_new() of 22.11 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include <cmdline_rdline.h>

#include "log.h"
#include "outbuf.h"
#include "prompt.h"
#include "statement.h"

#define PROMPT "sluice> "
#define LINE_MAX_LEN 1024
#define CTRL_C 3
#define TIMER_MS 5

static struct {
	struct box *box;
	struct rdline *editor; /* NULL: stdin is no terminal */
	struct termios saved;
	int out_fd;
	bool out_watched, in_watched;
	int timer; /* looks every few milliseconds at what epoll cannot watch; 0: none */
	bool in_file; /* stdin is such a thing */
	bool active, eof, leaving;
	struct outbuf out;
	struct walk *walk; /* the answer under way */
	bool idle; /* it has nothing to say at the moment */
	int walk_timer; /* until its next step, 0: none */
	char keys[512]; /* read and not looked at yet */
	unsigned int n_keys, next_key;
	char line[LINE_MAX_LEN]; /* without a terminal: the line so far */
	unsigned int n_line;
	unsigned int number; /* of that line */
} prompt = { .out_fd = -1 };

static void prompt_ready(void *arg, uint32_t events);

static void
say(const char *text)
{
	outbuf_add(&prompt.out, text, strlen(text));
}

static int
write_char(struct rdline *rdl, char c)
{
	RTE_SET_USED(rdl);
	outbuf_add(&prompt.out, &c, 1);
	return 0;
}

static void
leave(void)
{
	prompt.leaving = prompt.eof = true;
	prompt.n_keys = prompt.next_key = 0;
}

/* The answer under way has something to say again. */
static void
go_on(void *arg)
{
	RTE_SET_USED(arg);
	prompt.idle = false;
	prompt.out_watched = true;
	loop_mod(prompt.box->loop, prompt.out_fd, EPOLLOUT);
}

/* Run a line, or the next piece of an answer when line is NULL. */
static void
work(const char *line)
{
	struct statement_origin origin = { "stdin", prompt.editor != NULL ? 0 : prompt.number };
	struct statement_after after = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int rc = 0;

	if (f == NULL) {
		say("out of memory\n");
		return;
	}
	if (line != NULL) {
		statement_start(prompt.box, &origin, line, false, f, f, &after);
		prompt.walk = after.walk;
		prompt.idle = false;
		if (prompt.walk != NULL)
			walk_on_ready(prompt.walk, go_on, NULL);
	} else {
		rc = walk_step(prompt.walk, f, f);
		prompt.idle = rc == WALK_IDLE;
	}
	fclose(f);
	outbuf_add(&prompt.out, text, len);
	free(text);
	if (line == NULL && rc <= 0) {
		walk_destroy(prompt.walk);
		prompt.walk = NULL;
	}
	if (after.quit)
		leave();
}

/* What completion of the line so far has found. */
struct choices {
	unsigned int n, wanted; /* wanted: number of the one to give back */
	size_t common; /* letters that all of them begin with */
	char word[64]; /* the first one */
	char *to; /* the wanted one with its help */
	size_t size;
};

static void
add_choice(void *arg, const char *word, const char *help)
{
	struct choices *c = arg;
	size_t same = 0;

	if (c->n == 0) {
		snprintf(c->word, sizeof(c->word), "%s", word);
		c->common = strlen(c->word);
	}
	while (same < c->common && c->word[same] == word[same])
		same++;
	c->common = same;
	if (c->n++ == c->wanted)
		snprintf(c->to, c->size, "%-28s %s", word, help);
}

/* How much of the last word has been typed. */
static size_t
typed(const char *line)
{
	const char *blank = strrchr(line, ' ');

	return strlen(blank != NULL ? blank + 1 : line);
}

/*
 * For rdline: state 0 is the first question after TAB, -1 after Meta-?. Answer 2: append
 * dst to the line; 1: dst is one of several choices, ask again; 0: no more.
 */
static int
complete(struct rdline *rdl, const char *line, char *dst, unsigned int size, int *state)
{
	struct choices c = { .wanted = *state > 0 ? *state : 0, .to = dst, .size = size };
	size_t have = typed(line);

	RTE_SET_USED(rdl);
	statement_complete(prompt.box, line, add_choice, &c);
	if (have > c.common && c.n == 1)
		return 0;
	if (*state == 0 && c.n > 0 && c.word[0] != '<' && (c.n == 1 || c.common > have)) {
		snprintf(dst, size, "%.*s%s", (int)(c.common - have), c.word + have,
			c.n == 1 ? " " : "");
		return 2;
	}
	if (c.wanted >= c.n)
		return 0;
	*state = c.wanted + 1;
	return 1;
}

/* rdline hands over a finished line, with its newline. */
static void
validate(struct rdline *rdl, const char *buf, unsigned int size)
{
	char line[LINE_MAX_LEN];

	RTE_SET_USED(rdl);
	snprintf(line, sizeof(line), "%.*s", (int)size, buf);
	line[strcspn(line, "\r\n")] = '\0';
	if (line[strspn(line, " \t")] == '\0')
		return;
	rdline_add_history(prompt.editor, line);
	work(line);
}

static void
edit_key(char key)
{
	int rc;

	if (key == CTRL_C && rdline_get_buffer(prompt.editor)[0] == '\n')
		say("\n'quit' leaves the prompt, 'shutdown' stops the box");
	rc = rdline_char_in(prompt.editor, key);
	if (rc == RDLINE_RES_EOF || rc == RDLINE_RES_EXITED) {
		say("\n");
		leave();
	} else if (rc == RDLINE_RES_VALIDATED && prompt.walk == NULL && !prompt.leaving) {
		rdline_newline(prompt.editor, PROMPT);
	}
}

/* One byte of a line that does not come from a terminal. */
static void
add_byte(char c)
{
	if (c != '\n') {
		if (prompt.n_line < sizeof(prompt.line))
			prompt.line[prompt.n_line++] = c;
		return;
	}
	prompt.number++;
	if (prompt.n_line == sizeof(prompt.line)) {
		say("stdin: line too long\n");
	} else if (memchr(prompt.line, '\0', prompt.n_line) != NULL) {
		say("stdin: not text: there is a byte 0x00\n");
	} else {
		prompt.line[prompt.n_line] = '\0';
		work(prompt.line);
	}
	prompt.n_line = 0;
}

/* Look at the keys there are, until one of them starts an answer that takes time. */
static void
use_keys(void)
{
	while (prompt.next_key < prompt.n_keys && prompt.walk == NULL && !prompt.leaving &&
		outbuf_waiting(&prompt.out) < OUTBUF_HIGH) {
		char c = prompt.keys[prompt.next_key++];

		if (prompt.editor != NULL)
			edit_key(c);
		else
			add_byte(c);
	}
}

/* Does the user press Ctrl-C while an answer runs? */
static void
check_interrupt(void)
{
	for (unsigned int i = prompt.next_key; i < prompt.n_keys; i++)
		if (prompt.keys[i] == CTRL_C && prompt.editor != NULL && prompt.walk != NULL) {
			walk_destroy(prompt.walk);
			prompt.walk = NULL;
			prompt.idle = false;
			prompt.n_keys = prompt.next_key = 0;
			say("...\n");
		}
}

static void
read_keys(void)
{
	ssize_t n;

	if (prompt.next_key == prompt.n_keys)
		prompt.next_key = prompt.n_keys = 0;
	if (prompt.n_keys == sizeof(prompt.keys))
		return;
	n = read(STDIN_FILENO, prompt.keys + prompt.n_keys, sizeof(prompt.keys) - prompt.n_keys);
	if (n > 0)
		prompt.n_keys += n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		prompt.eof = true;
}

static void
walk_due(void *arg)
{
	RTE_SET_USED(arg);
	loop_timer_del(prompt.box->loop, prompt.walk_timer);
	prompt.walk_timer = 0;
	prompt_ready(&prompt.keys, 0);
}

/* Has the answer under way something to do now? If not, it is asked again in time. */
static bool
walks(void)
{
	if (prompt.walk_timer <= 0 && !prompt.idle && walk_wait(prompt.walk) > 0)
		prompt.walk_timer =
			loop_timer(prompt.box->loop, walk_wait(prompt.walk), walk_due, NULL);
	return prompt.walk != NULL && !prompt.idle && prompt.walk_timer <= 0;
}

/*
 * Ask the loop for what the prompt waits for now. stdin is taken out of the loop when it
 * is not wanted, because a hang-up would be told again and again.
 */
static void
watch(void)
{
	struct loop *loop = prompt.box->loop;
	bool full = prompt.n_keys == sizeof(prompt.keys) && prompt.next_key < prompt.n_keys;
	bool in = !full && !prompt.eof && !prompt.in_file &&
		  (prompt.walk == NULL || prompt.editor != NULL) &&
		  outbuf_waiting(&prompt.out) < OUTBUF_HIGH;
	bool out = outbuf_waiting(&prompt.out) > 0 || walks() ||
		   (prompt.next_key < prompt.n_keys && prompt.walk == NULL);

	if (in && !prompt.in_watched)
		loop_add(loop, STDIN_FILENO, EPOLLIN, prompt_ready, &prompt.keys);
	else if (!in && prompt.in_watched)
		loop_del(loop, STDIN_FILENO);
	prompt.in_watched = in;
	if (out != prompt.out_watched)
		loop_mod(loop, prompt.out_fd, out ? EPOLLOUT : 0);
	prompt.out_watched = out;
}

/* The end of the input: what stands there without a newline is a line too. */
static void
finish(void)
{
	if (!prompt.eof || prompt.next_key < prompt.n_keys || prompt.walk != NULL)
		return;
	if (prompt.n_line > 0)
		add_byte('\n');
	if (prompt.walk == NULL)
		leave();
}

static void
prompt_ready(void *arg, uint32_t events)
{
	bool busy = prompt.walk != NULL;

	/* arg tells which descriptor it is: stdout's hang-up is told without being asked for. */
	if (arg == &prompt.keys && events != 0)
		read_keys();
	if (busy) {
		check_interrupt();
		if (prompt.walk != NULL && !prompt.idle && prompt.walk_timer <= 0 &&
			outbuf_waiting(&prompt.out) < OUTBUF_HIGH)
			work(NULL);
		if (prompt.walk == NULL && prompt.editor != NULL)
			rdline_newline(prompt.editor, PROMPT);
	}
	use_keys();
	finish();
	if (outbuf_flush(&prompt.out, prompt.out_fd) < 0 ||
		(prompt.leaving && prompt.walk == NULL && outbuf_waiting(&prompt.out) == 0)) {
		prompt_destroy();
		return;
	}
	watch();
}

static void
timer_due(void *arg)
{
	RTE_SET_USED(arg);
	prompt_ready(&prompt.keys, prompt.in_file && prompt.walk == NULL ? EPOLLIN : 0);
}

/* Its own open file, so that O_NONBLOCK is nobody else's business. */
static int
open_stdout(void)
{
	int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_APPEND | O_CLOEXEC);

	return fd >= 0 ? fd : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
}

static int
edit_on_terminal(void)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &prompt.saved) < 0)
		return 0;
	prompt.editor = rdline_new(write_char, validate, complete, NULL);
	if (prompt.editor == NULL)
		return -ENOMEM;
	raw = prompt.saved;
	raw.c_lflag &= ~(ICANON | ECHO | ISIG);
	raw.c_iflag &= ~IXON;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	rdline_newline(prompt.editor, PROMPT);
	return 0;
}

/* Put stdin and stdout into the loop; epoll refuses files, which a timer looks at then. */
static int
watch_both(struct loop *loop)
{
	int in = loop_add(loop, STDIN_FILENO, EPOLLIN, prompt_ready, &prompt.keys);
	int out = loop_add(loop, prompt.out_fd, 0, prompt_ready, &prompt.out);

	prompt.in_watched = in == 0;
	prompt.in_file = in == -EPERM;
	if (in < 0 && in != -EPERM)
		return in;
	if (out < 0 && out != -EPERM)
		return out;
	if (in == 0 && out == 0)
		return 0;
	prompt.timer = loop_timer(loop, TIMER_MS, timer_due, NULL);
	return prompt.timer < 0 ? prompt.timer : 0;
}

int
prompt_create(struct box *box)
{
	int rc;

	memset(&prompt, 0, sizeof(prompt));
	prompt.box = box;
	prompt.active = true;
	prompt.out_fd = open_stdout();
	rc = prompt.out_fd < 0 ? -errno : edit_on_terminal();
	if (rc == 0)
		rc = watch_both(box->loop);
	if (rc < 0) {
		SL_LOG(ERR, "no prompt: %s", strerror(-rc));
		prompt_destroy();
		return rc;
	}
	prompt_ready(NULL, 0);
	return 0;
}

void
prompt_destroy(void)
{
	struct loop *loop = prompt.box != NULL ? prompt.box->loop : NULL;

	if (!prompt.active)
		return;
	if (prompt.walk_timer > 0)
		loop_timer_del(loop, prompt.walk_timer);
	prompt.active = false;
	if (prompt.in_watched)
		loop_del(loop, STDIN_FILENO);
	if (prompt.timer > 0)
		loop_timer_del(loop, prompt.timer);
	if (prompt.out_fd >= 0) {
		outbuf_flush(&prompt.out, prompt.out_fd);
		loop_del(loop, prompt.out_fd);
		close(prompt.out_fd);
		prompt.out_fd = -1;
	}
	if (prompt.editor != NULL) {
		tcsetattr(STDIN_FILENO, TCSANOW, &prompt.saved);
		rdline_free(prompt.editor);
		prompt.editor = NULL;
	}
	walk_destroy(prompt.walk);
	prompt.walk = NULL;
	outbuf_fini(&prompt.out);
}
