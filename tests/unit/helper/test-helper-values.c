/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the helper that need no helper: addresses in numbers, the resolver's errors, the table of sockets,
 * copying a file. */
#include "helper/addresses.h"
#include "helper/files.h"
#include "helper/kernel/pin-build.h"
#include "helper/privileges.h"
#include "helper/resolve.h"
#include "helper/tcp.h"
#include "helper/udp.h"

#include "../sibling.h"
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_numeric (void)
{
  const struct {
    const char *host;
    guint8 family, expected; /* 0: a name */
  } cases[] = { { "192.0.2.1", 0, 4 },    { "192.0.2.1", 4, 4 },   { "192.0.2.1", 6, 0 },
                { "2001:db8::1", 0, 6 },  { "2001:db8::1", 4, 0 }, { "::ffff:192.0.2.1", 6, 6 },
                { "192.0.2", 0, 0 },      { "192.0.2.256", 0, 0 }, { "0x7f.1", 0, 0 },
                { "192.0.2.1 ", 0, 0 },   { " 192.0.2.1", 0, 0 },  { "gw.example.org", 0, 0 },
                { "fe80::1%eth0", 0, 0 }, { "1", 0, 0 },           { "192.0.2.1\n", 0, 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ChannelAddresses a = { .n = 9 };

      g_assert_cmpint (resolve_numeric (cases[i].host, cases[i].family, &a), ==, cases[i].expected != 0);
      g_assert_cmpuint (a.n, ==, cases[i].expected ? 1 : 0);
      if (cases[i].expected)
        g_assert_cmpuint (a.at[0].family, ==, cases[i].expected);
    }
}

static void
test_resolver_errors (void)
{
  g_assert_cmpint (resolve_error_code (EAI_NONAME), ==, CHANNEL_ERROR_NAME_UNKNOWN);
  g_assert_cmpint (resolve_error_code (EAI_NODATA), ==, CHANNEL_ERROR_NAME_UNKNOWN);
  g_assert_cmpint (resolve_error_code (EAI_AGAIN), ==, CHANNEL_ERROR_NO_ANSWER);
  g_assert_cmpint (resolve_error_code (EAI_FAIL), ==, CHANNEL_ERROR_NO_ANSWER);
  g_assert_cmpint (resolve_error_code (EAI_SYSTEM), ==, CHANNEL_ERROR_NO_ANSWER);
}

static void
test_socket_table (void)
{
  const char *table4 =
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "  100: 010200C0:01F4 020200C0:01F4 01 00000000:00000000 00:00000000 00000000     0        0 1\n"
      "  101: 010200C0:1194 020200C0:1194 01 00000000:00000000 00:00000000 00000000     0        0 2\n"
      "  102: 00000000:01F4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 3\n"
      "  103: 010200C0:01F4 030200C0:01F4 01 00000000:00000000 00:00000000 00000000     0        0 4\n"
      "  104: 070200C0:01F4 020200C0:01F4 01 00000000:00000000 00:00000000 00000000     0        0 5\n";
  const char *table6 = "  7: B80D0120000000000000000001000000:1194 B80D0120000000000000000002000000:1194 01 0:0\n";
  ChannelEndpoint any = probe_endpoint ("192.0.2.2", 0);
  const ChannelEndpoint b = probe_endpoint ("192.0.2.2", 500), c = probe_endpoint ("192.0.2.3", 500),
                        none = probe_endpoint ("192.0.2.4", 500), six = probe_endpoint ("2001:db8::2", 4500);

  if (G_BYTE_ORDER != G_LITTLE_ENDIAN)
    {
      g_test_skip ("the table above is that of a little-endian machine");
      return;
    }
  g_assert_cmpuint (udp_count_connected (table4, 500, &b), ==, 2);
  g_assert_cmpuint (udp_count_connected (table4, 501, &b), ==, 0);
  g_assert_cmpuint (udp_count_connected (table4, 500, &c), ==, 1);
  g_assert_cmpuint (udp_count_connected (table4, 500, &none), ==, 0);
  g_assert_cmpuint (udp_count_connected (table6, 4500, &six), ==, 1);
  g_assert_cmpuint (udp_count_connected ("", 4500, &six), ==, 0);
  /* a peer's is connected to an address; it gets what nobody else does, and stands in everybody's way */
  any.port = 0;
  g_assert_cmpuint (udp_count_connected (table4, 500, &any), >=, 2);
}

static void
set_address (struct ifaddrs *list, guint i, const char *text, guint flags)
{
  struct sockaddr_storage *sa = g_new0 (struct sockaddr_storage, 1);
  gboolean ip6 = strchr (text, ':') != NULL;

  sa->ss_family = ip6 ? AF_INET6 : AF_INET;
  g_assert_cmpint (inet_pton (sa->ss_family, text,
                              ip6 ? (void *) &((struct sockaddr_in6 *) (void *) sa)->sin6_addr
                                  : (void *) &((struct sockaddr_in *) (void *) sa)->sin_addr),
                   ==, 1);
  list[i].ifa_addr = (struct sockaddr *) (void *) sa;
  list[i].ifa_flags = flags;
  if (i > 0)
    list[i - 1].ifa_next = &list[i];
}

/* The one that the selectors take, else the first that others may see; never loopback, link-local or one that is down. */
static void
test_own_addresses (void)
{
  static const struct {
    const char *text;
    guint flags;
  } have[] = { { "127.0.0.1", IFF_UP | IFF_LOOPBACK }, { "10.1.0.9", 0 },     { "192.0.2.7", IFF_UP },
               { "10.1.0.1", IFF_UP },                 { "fe80::1", IFF_UP }, { "2001:db8::7", IFF_UP } };
  struct ifaddrs list[G_N_ELEMENTS (have)] = { 0 };
  ChannelSelectors inside = { .n = 1, .at = { { .first = { 4, { 10, 1 } }, .last = { 4, { 10, 1, 255, 255 } } } } };
  const guint8 in4[] = { 10, 1, 0, 1 }, other4[] = { 192, 0, 2, 7 };
  ChannelAddresses found;

  for (guint i = 0; i < G_N_ELEMENTS (have); i++)
    set_address (list, i, have[i].text, have[i].flags);
  addresses_choose (list, &inside, &found);
  g_assert_cmpuint (found.n, ==, 2);
  g_assert_cmpmem (found.at[0].bytes, 4, in4, 4);
  g_assert_cmpuint (found.at[1].family, ==, 6);
  g_assert_cmpuint (found.at[1].bytes[15], ==, 7);
  inside.n = 0;
  addresses_choose (list, &inside, &found);
  g_assert_cmpmem (found.at[0].bytes, 4, other4, 4);
  addresses_choose (NULL, &inside, &found);
  g_assert_cmpuint (found.n, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (have); i++)
    g_free (list[i].ifa_addr);
}

static void
test_socket_wishes (void)
{
  const struct {
    OuterWish wish;
    int error;
  } bad[] = { { { CHANNEL_UDP, { { 0 } }, { { 0 }, 500 } }, EINVAL },
              { { CHANNEL_UDP, { { .family = 6 }, 500 }, { { .family = 4 }, 500 } }, EINVAL },
              { { CHANNEL_UDP, { { 0 }, 53 }, { { .family = 4 }, 500 } }, EACCES } };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = NULL;
      ChannelEndpoint local;

      g_assert_cmpint (udp_open (&bad[i].wish, &local, &text), ==, -1);
      g_assert_cmpint (errno, ==, bad[i].error);
      g_assert_nonnull (text);
    }
}

/* Of the numbers alone; what the kernel knows is in test-helper-server.c. */
static void
test_no_gateway (void)
{
  static const struct {
    const char *address;
    gboolean udp, tcp;
  } rows[] = { { "0.0.0.1", FALSE, FALSE },          { "127.1.2.3", FALSE, FALSE },      { "224.0.0.5", FALSE, FALSE },
               { "255.255.255.255", FALSE, FALSE },  { "169.254.169.254", TRUE, FALSE }, { "169.253.1.1", TRUE, TRUE },
               { "126.255.255.255", TRUE, TRUE },    { "223.1.1.1", TRUE, TRUE },        { "::1", FALSE, FALSE },
               { "::ffff:192.0.2.1", FALSE, FALSE }, { "::192.0.2.1", FALSE, FALSE },    { "ff0e::1", FALSE, FALSE },
               { "fe80::1", TRUE, FALSE },           { "febf::1", TRUE, FALSE },         { "fec0::1", TRUE, TRUE },
               { "2001:db8::1", TRUE, TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    for (ChannelTransport t = CHANNEL_UDP; t <= CHANNEL_TCP; t++)
      for (guint16 port = 0; port <= 500; port += 500)
        {
          const OuterWish wish = { t, { { 0 }, 0 }, probe_endpoint (rows[i].address, port) };

          g_assert_cmpint (outer_complaint (&wish) == NULL, ==, t == CHANNEL_TCP ? rows[i].tcp : rows[i].udp);
        }
  for (guint8 family = 4; family <= 6; family += 2)
    {
      const OuterWish listener = { CHANNEL_UDP, { { 0 }, 500 }, { { .family = family }, 0 } };
      const OuterWish unspecified = { CHANNEL_UDP, { { 0 }, 500 }, { { .family = family }, 500 } };

      g_assert_null (outer_complaint (&listener));
      g_assert_nonnull (outer_complaint (&unspecified));
    }
}

static int
open_error (ChannelTransport transport, gboolean own_address)
{
  OuterWish wish = { transport, { { 0 }, 0 }, { { 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } }, 4500 } };
  g_autofree char *text = NULL;
  ChannelEndpoint local;
  int fd;

  if (own_address)
    wish.local.address = (ChannelAddress){ 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
  fd = transport == CHANNEL_TCP ? tcp_open (&wish, &local, &text) : udp_open (&wish, &local, &text);
  if (fd >= 0)
    close (fd);
  return fd >= 0 ? 0 : errno;
}

/* IPv6 is switched off, or not there at all: there is no way, and an address of the other family may do. */
static void
test_no_family (void)
{
  const OuterWish any = { CHANNEL_UDP, { { 0 }, 500 }, { { .family = 6, { 1 } }, 500 } };
  const OuterWish from = { CHANNEL_UDP, { { .family = 6, { 1 } }, 500 }, { { .family = 6, { 1 } }, 500 } };
  const OuterWish listener = { CHANNEL_UDP, { { 0 }, 500 }, { { .family = 6 }, 0 } };
  int fd;

  g_assert_cmpint (outer_errno (&any, EAFNOSUPPORT), ==, ENETUNREACH);
  g_assert_cmpint (outer_errno (&any, EADDRNOTAVAIL), ==, ENETUNREACH);
  g_assert_cmpint (outer_errno (&any, EADDRINUSE), ==, EADDRINUSE);
  g_assert_cmpint (outer_errno (&from, EADDRNOTAVAIL), ==, EADDRNOTAVAIL);
  g_assert_cmpint (outer_errno (&listener, EAFNOSUPPORT), ==, EAFNOSUPPORT);
  /* the kernel's own word, where a namespace can be had */
  if (!probe_isolate () || (fd = open ("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_WRONLY | O_CLOEXEC)) < 0)
    return;
  g_assert_cmpint (write (fd, "1", 1), ==, 1);
  close (fd);
  g_assert_cmpint (open_error (CHANNEL_UDP, FALSE), ==, ENETUNREACH);
  g_assert_cmpint (open_error (CHANNEL_UDP, TRUE), ==, EADDRNOTAVAIL);
}

/* A route with two hops: the one by the link that was asked for, and its own neighbour. */
static void
test_pin_hops (void)
{
  struct {
    struct nlmsghdr head;
    struct rtmsg body;
    struct rtattr hops;
    struct {
      struct rtnexthop head;
      struct rtattr via;
      guint8 neighbour[4];
    } hop[2];
  } m = { .head = { .nlmsg_type = RTM_NEWROUTE, .nlmsg_len = sizeof m },
          .body = { .rtm_family = AF_INET, .rtm_type = RTN_UNICAST },
          .hops = { .rta_type = RTA_MULTIPATH, .rta_len = sizeof m.hops + sizeof m.hop } };
  PinWay way;

  for (guint i = 0; i < 2; i++)
    {
      m.hop[i].head = (struct rtnexthop){ .rtnh_len = sizeof m.hop[i], .rtnh_ifindex = 7 + (int) i };
      m.hop[i].via = (struct rtattr){ .rta_type = RTA_GATEWAY, .rta_len = RTA_LENGTH (4) };
      m.hop[i].neighbour[3] = (guint8) (1 + i);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (pin_parse_way (&m.head, 7 + i, &way));
      g_assert_true (way.usable);
      g_assert_cmpuint (way.neighbour.family, ==, 4);
      g_assert_cmpuint (way.neighbour.bytes[3], ==, 1 + i);
    }
  g_assert_true (pin_parse_way (&m.head, 9, &way));
  g_assert_false (way.usable);
  m.hop[1].via.rta_len = 12; /* longer than its hop */
  g_assert_true (pin_parse_way (&m.head, 8, &way));
  g_assert_false (way.usable);
  m.hop[0].head.rtnh_len = 4;
  g_assert_true (pin_parse_way (&m.head, 8, &way));
  g_assert_false (way.usable);
}

static void
test_copy (void)
{
  g_autofree char *path = NULL, *text = NULL;
  int fd = g_file_open_tmp ("nm-ipsec-XXXXXX", &path, NULL), copied;
  ChannelError code;
  guint32 len = 0;
  char back[8] = "";

  g_assert_cmpint (write (fd, "octets", 6), ==, 6);
  copied = files_copy (path, &len, &code, &text);
  g_assert_cmpint (copied, >=, 0);
  g_assert_cmpuint (len, ==, 6);
  g_assert_true (files_is_sealed (copied));
  g_assert_cmpint (pwrite (fd, "XXXXXX", 6, 0), ==, 6); /* too late */
  g_assert_cmpint (pread (copied, back, sizeof back, 0), ==, 6);
  g_assert_cmpstr (back, ==, "octets");
  g_assert_cmpint (write (copied, "y", 1), ==, -1);
  g_assert_false (files_is_sealed (fd));
  g_assert_cmpint (files_copy ("relative", &len, &code, &text), ==, -1);
  g_assert_cmpint (code, ==, CHANNEL_ERROR_NOT_FOUND);
  close (copied);
  close (fd);
  unlink (path);
}

static void
test_certificates (void)
{
  const struct {
    const char *octets;
    gsize len;
    gboolean yes;
  } cases[] = {
#define OCTETS(text) text, sizeof (text) - 1
    { OCTETS ("-----BEGIN CERTIFICATE-----\n"), TRUE },
    { OCTETS ("subject=x\n-----BEGIN TRUSTED CERTIFICATE-----\n"), TRUE },
    { OCTETS ("-----BEGIN PKCS7-----\n"), TRUE },
    { OCTETS ("\x30\x82\x03\x00\x30\x82\x02\x00"), TRUE },
    { OCTETS ("\x30\x80\x06\x09\x2a\x86\x48\x86"), TRUE },
    { OCTETS ("-----BEGIN CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\n"), FALSE },
    { OCTETS ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), FALSE },
    { OCTETS ("\x30\x82\x03\x00\x02\x01\x00\x30"), FALSE }, /* PKCS#8, PKCS#1, PKCS#12 */
    { OCTETS ("\x30\xff\x00\x00\x30\x30\x30\x30"), FALSE },
    { OCTETS ("\x30\x03"), FALSE },
    { OCTETS ("root:$6$secret:1::::::\n"), FALSE },
    { OCTETS (""), FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (files_are_certificates ((const guint8 *) cases[i].octets, cases[i].len), ==, cases[i].yes);
}

/* What a child passes on is looked at: only a memory file that nobody can change any more. */
static void
test_sealed (void)
{
  int unsealed = memfd_create ("test", MFD_CLOEXEC | MFD_ALLOW_SEALING),
      zero = open ("/dev/zero", O_RDONLY | O_CLOEXEC);

  g_assert_false (files_is_sealed (unsealed));
  g_assert_false (files_is_sealed (zero));
  g_assert_false (files_is_sealed (-1));
  g_assert_cmpint (ftruncate (unsealed, CHANNEL_MAX_FILE + 1), ==, 0);
  g_assert_cmpint (files_seal (unsealed), ==, 0);
  g_assert_false (files_is_sealed (unsealed));
  close (unsealed);
  close (zero);
}

/* ---- children that read what the network says ---- */

static void
test_locked_down (void)
{
  pid_t sibling = sibling_start (), pid = fork ();
  int status = 0;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0) /* (before _exit () AddressSanitizer makes a system call that is not allowed any more) */
    syscall (SYS_exit_group, sibling_reach (sibling, privileges_lock_down));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("there are no system call filters");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  sibling_end (sibling);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/values/numeric", test_numeric);
  g_test_add_func ("/helper/values/resolver-errors", test_resolver_errors);
  g_test_add_func ("/helper/values/socket-table", test_socket_table);
  g_test_add_func ("/helper/values/own-addresses", test_own_addresses);
  g_test_add_func ("/helper/values/socket-wishes", test_socket_wishes);
  g_test_add_func ("/helper/values/no-gateway", test_no_gateway);
  g_test_add_func ("/helper/values/no-family", test_no_family);
  g_test_add_func ("/helper/values/pin-hops", test_pin_hops);
  g_test_add_func ("/helper/values/copy", test_copy);
  g_test_add_func ("/helper/values/certificates", test_certificates);
  g_test_add_func ("/helper/values/sealed", test_sealed);
  g_test_add_func ("/helper/values/locked-down", test_locked_down);
  return g_test_run ();
}
