/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small things that the lab's scripts need often, static because every exec of a dynamic program is dear in the guest.
 *
 *   labtool journal FILE       be the journal: sd_journal's datagrams and syslog's, one line of FIELD=value per entry
 *   labtool pids NAME...       process ids of the programs with these base names
 *   labtool named NAME...      process ids of those that call themselves so (/proc/PID/comm)
 *   labtool cpu PID...         CPU time of these processes until now, microseconds, in all
 *   labtool mem PID...         "RSS PSS USS threads" in all, KiB
 *   labtool find SECRETS PID|FILE...   "PID|FILE NAME" for each secret (lines of "NAME HEX") that is in the memory of a
 *                              process, or in a file
 *   labtool now                CLOCK_REALTIME in milliseconds
 *   labtool init ADDRESS N     begins so many IKE SAs with whoever is there, and says nothing more
 *   labtool wear ADDRESS       has the kernel say that all ESP SAs to this address have reached their soft lifetime
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ENTRY_MAX (256 * 1024)

static long
sum_of (const char *file, const char *key)
{
  char line[512];
  long value, sum = 0;
  FILE *f = fopen (file, "re");

  if (!f)
    return 0;
  while (fgets (line, sizeof line, f))
    if (strncmp (line, key, strlen (key)) == 0 && sscanf (line + strlen (key), " %ld", &value) == 1)
      sum += value;
  fclose (f);
  return sum;
}

static int
cmd_cpu (char **pids)
{
  long long us = 0;

  for (; *pids; pids++)
    {
      struct timespec t;
      /* the kernel's name of another process's CPU clock: nanoseconds, where utime and stime are hundredths */
      clockid_t clock = (clockid_t) (~(unsigned) atoi (*pids) << 3 | 2);

      if (clock_gettime (clock, &t) == 0)
        us += t.tv_sec * 1000000LL + t.tv_nsec / 1000;
    }
  printf ("%lld\n", us);
  return 0;
}

static int
cmd_mem (char **pids)
{
  long rss = 0, pss = 0, uss = 0, threads = 0;

  for (; *pids; pids++)
    {
      char path[64];

      snprintf (path, sizeof path, "/proc/%d/smaps_rollup", atoi (*pids));
      rss += sum_of (path, "Rss:");
      pss += sum_of (path, "Pss:");
      uss += sum_of (path, "Private_Clean:") + sum_of (path, "Private_Dirty:");
      snprintf (path, sizeof path, "/proc/%d/status", atoi (*pids));
      threads += sum_of (path, "Threads:");
    }
  printf ("%ld %ld %ld %ld\n", rss, pss, uss, threads);
  return 0;
}

/* ---- secrets where none should be ---- */

#define SECRETS_MAX 64
#define REGION_MAX (256L << 20)
static struct
{
  char name[64];
  unsigned char octets[256];
  size_t len;
} secrets[SECRETS_MAX];
static int n_secrets;

static int
read_secrets (const char *path)
{
  FILE *f = fopen (path, "re");
  char hex[513];

  while (f && n_secrets < SECRETS_MAX && fscanf (f, "%63s %512s", secrets[n_secrets].name, hex) == 2)
    {
      size_t len = 0;

      while (sscanf (hex + 2 * len, "%2hhx", &secrets[n_secrets].octets[len]) == 1)
        len++;
      if (len < 8 || len != strlen (hex) / 2)
        return 0; /* what is so short is anywhere */
      secrets[n_secrets++].len = len;
    }
  if (f)
    fclose (f);
  return n_secrets > 0;
}

static void
look (const char *what, const unsigned char *data, size_t len, char *seen)
{
  for (int i = 0; i < n_secrets; i++)
    if (!seen[i] && memmem (data, len, secrets[i].octets, secrets[i].len))
      {
        printf ("%s %s\n", what, secrets[i].name);
        seen[i] = 1;
      }
}

/* What the process can write, and has written: not what it has mapped of its program. */
static int
find_in_process (const char *pid)
{
  char path[64], line[PATH_MAX + 128], rights[8], seen[SECRETS_MAX] = { 0 };
  unsigned long from, to;
  FILE *maps;
  int mem, regions = 0;

  snprintf (path, sizeof path, "/proc/%s/mem", pid);
  mem = open (path, O_RDONLY | O_CLOEXEC);
  snprintf (path, sizeof path, "/proc/%s/maps", pid);
  maps = fopen (path, "re");
  while (mem >= 0 && maps && fgets (line, sizeof line, maps))
    {
      unsigned char *data;
      ssize_t n;

      if (sscanf (line, "%lx-%lx %7s", &from, &to, rights) != 3 || rights[0] != 'r' || rights[1] != 'w' ||
          to - from > REGION_MAX || !(data = malloc (to - from)))
        continue;
      n = pread (mem, data, to - from, (off_t) from);
      if (n > 0)
        look (pid, data, (size_t) n, seen);
      regions += n > 0;
      free (data);
    }
  if (mem >= 0)
    close (mem);
  if (maps)
    fclose (maps);
  return regions > 0;
}

static int
find_in_file (const char *path)
{
  char seen[SECRETS_MAX] = { 0 };
  struct stat st;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  void *data = MAP_FAILED;

  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size > 0)
    data = mmap (NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (data != MAP_FAILED)
    {
      look (path, data, (size_t) st.st_size, seen);
      munmap (data, (size_t) st.st_size);
    }
  if (fd >= 0)
    close (fd);
  return 1; /* it may have gone */
}

/* Fails when a process could not be looked at. */
static int
cmd_find (char **argv)
{
  if (!argv[0] || !read_secrets (argv[0]))
    return 2;
  for (argv++; *argv; argv++)
    if (!(**argv == '/' ? find_in_file (*argv) : find_in_process (*argv)))
      return 1;
  return 0;
}

/* The base name of the program, or what the process calls itself; "" when it is gone. */
static void
read_name (const char *pid, int as_called, char *ret, size_t size)
{
  char path[300], text[PATH_MAX] = "";
  const char *base;
  ssize_t n = -1;
  int fd;

  snprintf (path, sizeof path, "/proc/%s/%s", pid, as_called ? "comm" : "exe");
  if (!as_called)
    n = readlink (path, text, sizeof text - 1);
  else if ((fd = open (path, O_RDONLY | O_CLOEXEC)) >= 0)
    {
      n = read (fd, text, sizeof text - 1) - 1; /* without the newline */
      close (fd);
    }
  text[n > 0 ? n : 0] = '\0';
  base = strrchr (text, '/');
  snprintf (ret, size, "%s", base && !as_called ? base + 1 : text);
}

static int
cmd_pids (char **names, int as_called)
{
  struct dirent *e;
  DIR *dir = opendir ("/proc");

  while (dir && (e = readdir (dir)))
    {
      char name[256];

      if (!isdigit ((unsigned char) e->d_name[0]))
        continue;
      read_name (e->d_name, as_called, name, sizeof name);
      for (char **wanted = names; *wanted; wanted++)
        if (strcmp (name, *wanted) == 0)
          printf ("%s ", e->d_name);
    }
  puts ("");
  return 0;
}

/* A value on one line. */
static void
put_value (FILE *out, const char *name, size_t name_len, const char *value, size_t len)
{
  fprintf (out, "\t%.*s=", (int) name_len, name);
  for (size_t i = 0; i < len; i++)
    if (value[i] == '\n')
      fputs ("\\n", out);
    else if ((unsigned char) value[i] >= 0x20)
      fputc (value[i], out);
}

/* The journal's native protocol: NAME=value, or NAME, a newline, the length in 8 octets and the value. */
static void
put_native (FILE *out, const char *data, size_t len)
{
  while (len > 0)
    {
      const char *eol = memchr (data, '\n', len);
      size_t line = eol ? (size_t) (eol - data) : len;
      const char *eq = memchr (data, '=', line);

      if (eq)
        put_value (out, data, (size_t) (eq - data), eq + 1, line - (size_t) (eq - data) - 1);
      else if (eol && line > 0)
        {
          uint64_t size = 0;

          if (len - line - 1 < 8)
            return;
          for (int i = 7; i >= 0; i--)
            size = size << 8 | (unsigned char) eol[1 + i];
          if (len - line - 9 < size)
            return;
          put_value (out, data, line, eol + 9, size);
          line += 9 + size;
        }
      line += line < len;
      data += line;
      len -= line;
    }
}

static int
listen_at (const char *path)
{
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

  snprintf (a.sun_path, sizeof a.sun_path, "%s", path);
  unlink (path);
  if (bind (fd, (struct sockaddr *) &a, sizeof a) < 0)
    {
      perror (path);
      exit (1);
    }
  chmod (path, 0666);
  setsockopt (fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  return fd;
}

static void
receive (int fd, int is_native, FILE *out)
{
  static char data[ENTRY_MAX];
  union {
    char bytes[256];
    struct cmsghdr align;
  } control;
  struct iovec iov = { data, sizeof data };
  struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  ssize_t n = recvmsg (fd, &msg, MSG_CMSG_CLOEXEC);
  struct timespec t;
  int passed = -1;

  if (n < 0)
    return;
  clock_gettime (CLOCK_REALTIME, &t);
  fprintf (out, "%lld.%03ld", (long long) t.tv_sec, t.tv_nsec / 1000000);
  for (struct cmsghdr *c = CMSG_FIRSTHDR (&msg); c; c = CMSG_NXTHDR (&msg, c))
    if (c->cmsg_type == SCM_CREDENTIALS)
      {
        struct ucred cred;

        memcpy (&cred, CMSG_DATA (c), sizeof cred);
        fprintf (out, "\t_PID=%d\t_UID=%d", cred.pid, cred.uid);
      }
    else if (c->cmsg_type == SCM_RIGHTS)
      memcpy (&passed, CMSG_DATA (c), sizeof passed);
  if (passed >= 0)
    { /* an entry that is too long for a datagram comes as a file */
      n = pread (passed, data, sizeof data, 0);
      close (passed);
    }
  if (is_native && n > 0)
    put_native (out, data, (size_t) n);
  else if (n > 0)
    put_value (out, "SYSLOG", 6, data, (size_t) n);
  fputc ('\n', out);
  fflush (out);
}

static int
cmd_journal (const char *file)
{
  struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
  FILE *out = fopen (file, "ae");

  if (!out)
    return 1;
  mkdir ("/run/systemd", 0755);
  mkdir ("/run/systemd/journal", 0755);
  p[0].fd = listen_at ("/run/systemd/journal/socket");
  p[1].fd = listen_at ("/dev/log");
  for (;;)
    {
      poll (p, 2, -1);
      for (int i = 0; i < 2; i++)
        if (p[i].revents & POLLIN)
          receive (p[i].fd, i == 0, out);
    }
}

/* IKE_SA_INIT with AES-GCM, SHA-256 and curve 25519 (of which any 32 octets are a public value): RFC 7296 section 1.2. */
static int
cmd_init (const char *address, int n)
{
  static const unsigned char header[] = { 0, 0, 0, 0, 0, 0, 0, 0, 33, 0x20, 34, 8, 0, 0, 0, 0, 0, 0, 0, 144 };
  static const unsigned char sa[] = { 34,   0,  0, 40, 0, 0, 0, 36, 1, 1, 0, 3, 3, 0, 0, 12, 1, 0, 0, 20,
                                      0x80, 14, 1, 0,  3, 0, 0, 8,  2, 0, 0, 5, 0, 0, 0, 8,  4, 0, 0, 31 };
  static const unsigned char ke[] = { 40, 0, 0, 40, 0, 31, 0, 0 }, nonce[] = { 0, 0, 0, 36 };
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (500) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || inet_pton (AF_INET, address, &to.sin_addr) != 1)
    return 1;
  for (; n > 0; n--)
    {
      unsigned char message[144];

      /* SPI, public value and nonce are what it happens to be */
      if (getrandom (message, sizeof message, 0) != sizeof message)
        return 1;
      memcpy (message + 8, header, sizeof header);
      memcpy (message + 28, sa, sizeof sa);
      memcpy (message + 68, ke, sizeof ke);
      memcpy (message + 108, nonce, sizeof nonce);
      if (sendto (fd, message, sizeof message, 0, (struct sockaddr *) &to, sizeof to) != sizeof message)
        return 1;
    }
  return 0;
}

static int
xfrm_send (int fd, uint16_t type, uint16_t flags, const void *body, size_t len)
{
  struct {
    struct nlmsghdr header;
    union {
      struct xfrm_usersa_id id;
      struct xfrm_user_expire expire;
    } body;
  } message = { .header = { .nlmsg_len = (uint32_t) NLMSG_LENGTH (len), .nlmsg_type = type } };

  message.header.nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags);
  memcpy (&message.body, body, len);
  return send (fd, &message, message.header.nlmsg_len, 0) == (ssize_t) message.header.nlmsg_len;
}

/* By IPv4. Whoever listens for the end of SAs hears of it as if octets or time had worn it out. */
static int
cmd_wear (const char *address)
{
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM), done = 0, n_worn = 0;
  struct xfrm_user_expire worn[64] = { 0 };
  const struct xfrm_usersa_id all = { 0 };
  static _Alignas (struct nlmsghdr) char buffer[ENTRY_MAX];
  struct in_addr to;

  if (fd < 0 || inet_pton (AF_INET, address, &to) != 1 || !xfrm_send (fd, XFRM_MSG_GETSA, NLM_F_DUMP, &all, sizeof all))
    return 1;
  while (!done)
    {
      ssize_t len = recv (fd, buffer, sizeof buffer, 0);

      if (len <= 0)
        return 1;
      for (struct nlmsghdr *m = (void *) buffer; NLMSG_OK (m, len); m = NLMSG_NEXT (m, len))
        {
          const struct xfrm_usersa_info *sa = NLMSG_DATA (m);

          done = done || m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR;
          if (m->nlmsg_type == XFRM_MSG_NEWSA && sa->family == AF_INET && sa->id.proto == IPPROTO_ESP &&
              sa->id.daddr.a4 == to.s_addr && n_worn < 64)
            worn[n_worn++].state = *sa;
        }
    }
  for (int i = 0; i < n_worn; i++)
    if (!xfrm_send (fd, XFRM_MSG_EXPIRE, 0, &worn[i], sizeof worn[i]))
      return 1;
  return n_worn == 0;
}

int
main (int argc, char **argv)
{
  const char *cmd = argc > 1 ? argv[1] : "";

  if (strcmp (cmd, "journal") == 0 && argc == 3)
    return cmd_journal (argv[2]);
  if (strcmp (cmd, "pids") == 0)
    return cmd_pids (argv + 2, 0);
  if (strcmp (cmd, "named") == 0)
    return cmd_pids (argv + 2, 1);
  if (strcmp (cmd, "cpu") == 0)
    return cmd_cpu (argv + 2);
  if (strcmp (cmd, "mem") == 0)
    return cmd_mem (argv + 2);
  if (strcmp (cmd, "find") == 0)
    return cmd_find (argv + 2);
  if (strcmp (cmd, "now") == 0)
    {
      struct timespec t;

      clock_gettime (CLOCK_REALTIME, &t);
      printf ("%lld\n", t.tv_sec * 1000LL + t.tv_nsec / 1000000);
      return 0;
    }
  if (strcmp (cmd, "init") == 0 && argc == 4)
    return cmd_init (argv[2], atoi (argv[3]));
  if (strcmp (cmd, "wear") == 0 && argc == 3)
    return cmd_wear (argv[2]);
  fprintf (stderr,
           "labtool: journal FILE | pids NAME... | named NAME... | cpu PID... | mem PID... | "
                   "find SECRETS PID|FILE... | now | init ADDRESS N | wear ADDRESS\n");
  return 2;
}
