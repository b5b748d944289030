/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab's pid 1: builds the guest's root, runs the job, ends the guest.
 *
 * Two shapes. Under User Mode Linux the kernel starts it, and what it shows of the host is hostfs. Natively
 * ("init native") it first goes into namespaces of its own, and what it shows is bind-mounted. Everything after that
 * is the same: the host's root, read-only, under package trees, under a tmpfs that takes the writes.
 *
 * It is static C and not shell because every exec of a dynamic program costs milliseconds in the guest.
 *
 * Environment (the kernel hands NAME=VALUE words that it does not know to pid 1):
 *   LAB_RUN    directory on the host: "job" is the script to run, "rc" becomes its exit status
 *   LAB_STATE  trees/, pki/, bin/        LAB_SRC  this directory        LAB_OUTDIR  becomes /lab/out
 *   LAB_CWD    where the job starts      LAB_SHOW more paths that the job must see, with colons between
 *   LAB_TREES  names below trees/, with commas between; the first one is uppermost
 *   LAB_MODULES  shown as /lib/modules (a kernel with modules)   LAB_LIMIT  seconds that the job may take, 0: no limit
 *   LAB_TTY    not empty: a shell on the console instead of the job
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int native;

static void
end (int status)
{
  sync ();
  if (!native)
    reboot (RB_POWER_OFF);
  _exit (status); /* a pid 1 that exits panics a guest that could not be powered off: it ends either way */
}

static void
die (const char *what)
{
  fprintf (stderr, "lab init: %s: %s\n", what, strerror (errno));
  end (125);
}

static const char *
env (const char *name)
{
  const char *value = getenv (name);

  return value ? value : "";
}

static char *format (const char *f, ...) __attribute__ ((format (printf, 1, 2)));

static char *
format (const char *f, ...)
{
  char *s;
  va_list ap;

  va_start (ap, f);
  if (vasprintf (&s, f, ap) < 0)
    abort ();
  va_end (ap);
  return s;
}

static void
make_dir (const char *path)
{
  char *copy = format ("%s", path);

  for (char *p = copy + 1; (p = strchr (p, '/')); p++)
    {
      *p = '\0';
      mkdir (copy, 0755);
      *p = '/';
    }
  mkdir (copy, 0755);
  free (copy);
}

static void
mount_at (const char *type, const char *source, const char *dir, unsigned long flags, const char *options)
{
  make_dir (dir);
  if (mount (source, dir, type, flags, options) < 0)
    die (format ("mount %s on %s", source, dir));
}

/* A directory of the host, whose root is now at @host_root (""), at @dir. */
static void
show (const char *host_root, const char *path, const char *dir, int writable)
{
  unsigned long ro = writable ? 0 : MS_RDONLY;

  if (!native)
    {
      mount_at ("hostfs", "none", dir, ro, path);
      return;
    }
  mount_at (NULL, format ("%s%s", host_root, path), dir, MS_BIND, NULL);
  if (ro && mount (NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
    die (format ("remount %s", dir));
}

static void
put (const char *file, const char *text)
{
  int fd = open (file, O_WRONLY | O_CREAT | O_TRUNC, 0644);

  if (fd < 0 || write (fd, text, strlen (text)) < 0)
    fprintf (stderr, "lab init: %s: %s\n", file, strerror (errno));
  if (fd >= 0)
    close (fd);
}

/* The one module that the root is made with: nothing can be run yet that could load it. */
static void
load_overlay (const char *modules)
{
  struct utsname u;
  int fd;

  uname (&u);
  fd = open (format ("%s/%s/kernel/fs/overlayfs/overlay.ko", modules, u.release), O_RDONLY | O_CLOEXEC);
  if (fd < 0 || (syscall (SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
    die ("overlay.ko");
  close (fd);
}

static void
load_module (const char *name)
{
  pid_t pid = fork ();

  if (!pid)
    {
      execl ("/sbin/modprobe", "modprobe", name, (char *) NULL);
      _exit (127);
    }
  waitpid (pid, NULL, 0);
}

/* New namespaces for everything; afterwards this is pid 1 of its own. */
static void
enter_namespaces (void)
{
  pid_t pid;
  int status;

  if (unshare (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC) < 0)
    die ("unshare");
  pid = fork ();
  if (pid < 0)
    die ("fork");
  if (!pid)
    return;
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;
  _exit (WIFEXITED (status) ? WEXITSTATUS (status) : 125);
}

/* overlayfs refuses layers of one superblock that contain each other, and the trees are below the host's root: they
 * get a superblock of their own, natively by an overlay without an upper layer. */
static void
show_trees (const char *host_root, const char *dir)
{
  const char *trees = format ("%s/trees", env ("LAB_STATE"));

  if (!native)
    {
      show (host_root, trees, dir, 0);
      return;
    }
  make_dir ("/run/lab/empty");
  mount_at ("overlay", "overlay", dir, MS_RDONLY, format ("lowerdir=%s%s:/run/lab/empty", host_root, trees));
}

/* tmpfs over the trees over the host's root, and into it; the host's root is at /lab/host then. */
static void
enter_root (void)
{
  char *layers = format ("%s", "");
  char *trees = format ("%s", env ("LAB_TREES"));
  const char *modules = env ("LAB_MODULES");

  mount_at ("tmpfs", "tmpfs", "/run", 0, "mode=755");
  if (*modules)
    load_overlay (modules);
  show_trees ("", "/run/lab/trees");
  for (char *save, *t = strtok_r (trees, ",", &save); t; t = strtok_r (NULL, ",", &save))
    layers = format ("%s/run/lab/trees/%s:", layers, t);
  make_dir ("/run/lab/upper");
  make_dir ("/run/lab/work");
  mount_at ("overlay", "overlay", "/run/lab/root", 0,
            format ("lowerdir=%s/,upperdir=/run/lab/upper,workdir=/run/lab/work", layers));
  if (chdir ("/run/lab/root") < 0)
    die ("chdir");
  make_dir ("lab/host");
  make_dir ("lab/roots");
  if (syscall (SYS_pivot_root, ".", "lab/host") < 0 || chdir ("/") < 0)
    die ("pivot_root");
}

/* A path that the new root would not show: below a mount of ours, or on another file system of the host. */
static void
show_at_its_place (const char *path)
{
  struct stat root, there;
  const char *host = format ("/lab/host%s", path);

  if (stat (host, &there) < 0 || stat ("/lab/host/", &root) < 0)
    return;
  if (there.st_dev != root.st_dev || strncmp (path, "/tmp/", 5) == 0 || strncmp (path, "/run/", 5) == 0)
    show ("/lab/host", path, path, 0);
}

static void
make_devices (void)
{
  static const struct {
    const char *name;
    unsigned major, minor;
  } nodes[] = { { "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 },
                { "urandom", 1, 9 }, { "tty", 5, 0 }, { "net/tun", 10, 200 } };

  if (!native)
    mount_at ("devtmpfs", "devtmpfs", "/dev", 0, NULL);
  else
    {
      mount_at ("tmpfs", "tmpfs", "/dev", 0, "mode=755");
      mkdir ("/dev/net", 0755);
      umask (0);
      for (unsigned i = 0; i < sizeof nodes / sizeof *nodes; i++)
        mknod (format ("/dev/%s", nodes[i].name), S_IFCHR | 0666, makedev (nodes[i].major, nodes[i].minor));
      umask (022);
      symlink ("pts/ptmx", "/dev/ptmx");
    }
  mount_at ("devpts", "devpts", "/dev/pts", 0, "newinstance,gid=5,mode=620,ptmxmode=666");
  mount_at ("tmpfs", "tmpfs", "/dev/shm", 0, "mode=1777");
  symlink ("/proc/self/fd", "/dev/fd");
  symlink ("/proc/self/fd/0", "/dev/stdin");
  symlink ("/proc/self/fd/1", "/dev/stdout");
  symlink ("/proc/self/fd/2", "/dev/stderr");
}

static void
furnish (void)
{
  const char *state = env ("LAB_STATE");
  char *save, *paths = format ("%s:%s:%s:%s", env ("LAB_SRC"), state, env ("LAB_CWD"), env ("LAB_SHOW"));

  mount_at ("proc", "proc", "/proc", 0, NULL);
  /* read-only /sys: that there is no udev here; otherwise NetworkManager waits for ever for its links */
  mount_at ("sysfs", "sysfs", "/sys", MS_RDONLY, NULL);
  make_devices ();
  mount_at ("tmpfs", "tmpfs", "/run", 0, "mode=755");
  mount_at ("tmpfs", "tmpfs", "/tmp", 0, "mode=1777");
  make_dir ("/run/netns");
  make_dir ("/run/lock");
  make_dir ("/run/dbus");
  for (char *p = strtok_r (paths, ":", &save); p; p = strtok_r (NULL, ":", &save))
    show_at_its_place (p);
  show_trees ("/lab/host", "/lab/trees");
  show ("/lab/host", env ("LAB_OUTDIR"), "/lab/out", 1);
  show ("/lab/host", env ("LAB_RUN"), "/lab/run", 1);
  if (*env ("LAB_MODULES"))
    {
      show ("/lab/host", env ("LAB_MODULES"), "/lib/modules", 0);
      load_module ("ipv6"); /* the network's scripts write below /proc/sys/net/ipv6 */
    }
  sethostname ("lab", 3);
  setenv ("LAB_OUT", "/lab/out", 1);
  setenv ("LAB_PKI", format ("%s/pki", state), 1);
  setenv ("PATH", format ("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:%s/bin", state), 1);
  setenv ("HOME", "/root", 1);
  setenv ("LANG", "C.UTF-8", 1);
  if (!native)
    put ("/proc/sys/kernel/core_pattern", "/lab/out/core.%e.%p");
}

static void
loopback_up (void)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  ioctl (fd, SIOCSIFFLAGS, &request);
  close (fd);
}

/* Serial lines carry the job's output as it is. */
static int
open_raw (const char *path)
{
  struct termios t;
  int fd = open (path, O_RDWR | O_NOCTTY);

  if (fd < 0)
    die (path);
  tcgetattr (fd, &t);
  cfmakeraw (&t);
  tcsetattr (fd, TCSANOW, &t);
  return fd;
}

static void
job_exec (void)
{
  setsid ();
  if (*env ("LAB_TTY"))
    {
      int fd = native ? 0 : open ("/dev/console", O_RDWR);

      ioctl (fd, TIOCSCTTY, 1);
      for (int i = 0; i < 3 && fd != 0; i++)
        dup2 (fd, i);
      execl ("/bin/bash", "-bash", (char *) NULL);
      execl ("/bin/sh", "-sh", (char *) NULL);
      _exit (127);
    }
  if (!native)
    {
      dup2 (open_raw ("/dev/ttyS0"), 1);
      dup2 (open_raw ("/dev/ttyS1"), 2);
    }
  dup2 (open ("/dev/null", O_RDONLY), 0);
  closefrom (3);
  execl ("/bin/sh", "sh", "/lab/run/job", (char *) NULL);
  _exit (127);
}

static pid_t
alarm_start (int seconds, pid_t victim)
{
  pid_t pid = seconds > 0 ? fork () : -1;

  if (pid)
    return pid;
  sleep ((unsigned) seconds);
  if (victim)
    kill (-victim, SIGKILL);
  _exit (0);
}

/* The job's exit status; 124 when its time was up: then it is asked first, so that it can save its logs. */
static int
job_wait (pid_t job)
{
  int status, late = 0;
  pid_t dog = alarm_start (*env ("LAB_TTY") ? 0 : atoi (env ("LAB_LIMIT")), 0);

  for (;;)
    {
      pid_t pid = wait (&status);

      if (pid < 0 && errno != EINTR)
        return 125;
      if (pid == dog && !late)
        {
          late = 1;
          kill (-job, SIGTERM);
          alarm_start (2, job);
        }
      if (pid == job)
        return late ? 124 : WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
    }
}

int
main (int argc, char **argv)
{
  pid_t job;
  int rc;

  native = argc > 1 && strcmp (argv[1], "native") == 0;
  umask (022);
  if (native)
    enter_namespaces ();
  if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 && native)
    die ("private mounts");
  enter_root ();
  furnish ();
  loopback_up ();
  if (chdir (env ("LAB_CWD")) < 0 && chdir ("/") < 0)
    die ("chdir");
  job = fork ();
  if (!job)
    job_exec ();
  rc = job_wait (job);
  put ("/lab/run/rc", format ("%d\n", rc));
  end (rc);
}
