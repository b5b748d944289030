/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a request reaches the kernel, value by value, each where it belongs; and what is not even asked of it. */
#include "tunnel-kernel.h"

#include "helper/kernel/owner.h"
#include "helper/kernel/selectors.h"
#include "probe.h"

#include <errno.h>
#include <netlink/msg.h>
#include <string.h>

#define SPI_OUT 0x1111

typedef struct {
  const struct nlmsghdr *msg;
  const struct xfrm_usersa_info *info;
} Sa;

static Sa
sa_of (guint32 spi)
{
  for (guint i = 0; i < tunnel_kernel.sas->len; i++)
    if (tunnel_kernel_sa (i)->id.spi == htonl (spi))
      return (Sa){ g_ptr_array_index (tunnel_kernel.sas, i), tunnel_kernel_sa (i) };
  g_assert_not_reached ();
}

/* NULL: it is not there; else it has at least @len octets. */
static gconstpointer
attribute (Sa sa, int type, gsize len)
{
  struct nlattr *attr = nlmsg_find_attr ((struct nlmsghdr *) sa.msg, sizeof *sa.info, type);

  g_assert_true (!attr || (gsize) nla_len (attr) >= len);
  return attr ? nla_data (attr) : NULL;
}

static ChannelBlob
blob (const char *text)
{
  return (ChannelBlob){ (const guint8 *) text, strlen (text) };
}

/* A cipher and a checksum, and no two values the same. */
static ChannelMsg *
full_request (guint parts, guint32 spi_in)
{
  ChannelMsg *m = tunnel_install_request (1, parts, spi_in, SPI_OUT);
  ChannelSaInstall *sa = &m->sa_install;

  sa->aead = 0;
  sa->encr = "cbc(aes)";
  sa->integ = "hmac(sha384)";
  sa->icv_bits = 192;
  sa->encr_in = blob ("encr in.");
  sa->integ_in = blob ("integ in.");
  sa->encr_out = blob ("encr out..");
  sa->integ_out = blob ("integ out..");
  sa->local.port = 4501;
  sa->remote.port = 4502;
  sa->encap = CHANNEL_ENCAP_UDP;
  sa->replay_window = 64;
  sa->soft_seconds = 21;
  sa->hard_seconds = 22;
  sa->soft_bytes = 23;
  sa->hard_bytes = 24;
  sa->soft_packets = 25;
  sa->hard_packets = 26;
  return m;
}

static void
install (Tunnel *t, ChannelMsg *m, int error)
{
  TunnelTestResult r = { 0 };

  tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
  tunnel_expect (&r, error);
}

/* ---- what reaches the kernel ---- */

static void
assert_key (Sa sa, int type, const char *name, const char *key)
{
  const struct xfrm_algo *crypt = attribute (sa, type, 0);
  const struct xfrm_algo_auth *auth = (gconstpointer) crypt;
  const char *is = type == XFRMA_ALG_CRYPT ? crypt->alg_key : auth->alg_key;

  g_assert_nonnull (crypt);
  g_assert_cmpstr (crypt->alg_name, ==, name);
  g_assert_cmpmem (is, crypt->alg_key_len / 8, key, strlen (key));
  if (type == XFRMA_ALG_AUTH_TRUNC)
    g_assert_cmpuint (auth->alg_trunc_len, ==, 192);
}

static void
assert_common (Sa sa, const char *src, const char *dst)
{
  const ChannelAddress from = probe_address (src), to = probe_address (dst);

  g_assert_cmpmem (&sa.info->saddr, 4, from.bytes, 4);
  g_assert_cmpmem (&sa.info->id.daddr, 4, to.bytes, 4);
  g_assert_cmpuint (sa.info->id.proto, ==, IPPROTO_ESP);
  g_assert_cmphex (sa.info->reqid, ==, owner_number (OWNER, 1));
  g_assert_cmpuint (sa.info->lft.soft_add_expires_seconds, ==, 21);
  g_assert_cmpuint (sa.info->lft.hard_add_expires_seconds, ==, 22);
  g_assert_cmpuint (sa.info->lft.soft_byte_limit, ==, 23);
  g_assert_cmpuint (sa.info->lft.hard_byte_limit, ==, 24);
  g_assert_cmpuint (sa.info->lft.soft_packet_limit, ==, 25);
  g_assert_cmpuint (sa.info->lft.hard_packet_limit, ==, 26);
  g_assert_cmphex (*(const guint32 *) attribute (sa, XFRMA_IF_ID, 4), ==, 0x77);
}

static void
assert_encap (Sa sa, guint16 sport, guint16 dport)
{
  const struct xfrm_encap_tmpl *encap = attribute (sa, XFRMA_ENCAP, sizeof *encap);

  g_assert_nonnull (encap);
  g_assert_cmpuint (encap->encap_type, ==, UDP_ENCAP_ESPINUDP);
  g_assert_cmpuint (ntohs (encap->encap_sport), ==, sport);
  g_assert_cmpuint (ntohs (encap->encap_dport), ==, dport);
}

/* Window and extended numbers; 0: there is no such attribute. */
static guint
replay_window (Sa sa)
{
  const struct xfrm_replay_state_esn *esn = attribute (sa, XFRMA_REPLAY_ESN_VAL, sizeof *esn);

  return esn ? esn->replay_window : 0;
}

static void
test_values (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi = tunnel_alloc (t);
  g_autofree ChannelMsg *m = full_request (ALL, spi);
  Sa in, out;

  install (t, m, 0);
  in = sa_of (spi);
  out = sa_of (SPI_OUT);
  assert_common (in, "192.0.2.2", "192.0.2.1");
  assert_common (out, "192.0.2.1", "192.0.2.2");
  assert_key (in, XFRMA_ALG_CRYPT, "cbc(aes)", "encr in.");
  assert_key (in, XFRMA_ALG_AUTH_TRUNC, "hmac(sha384)", "integ in.");
  assert_key (out, XFRMA_ALG_CRYPT, "cbc(aes)", "encr out..");
  assert_key (out, XFRMA_ALG_AUTH_TRUNC, "hmac(sha384)", "integ out..");
  assert_encap (in, 4502, 4501);
  assert_encap (out, 4501, 4502);
  /* what is received is checked; old ways need no attribute for what is sent */
  g_assert_cmpuint (replay_window (in), ==, 64);
  g_assert_null (attribute (out, XFRMA_REPLAY_ESN_VAL, 0));
  g_assert_cmpuint (*(const guint8 *) attribute (in, XFRMA_SA_DIR, 1), ==, XFRM_SA_DIR_IN);
  g_assert_cmpuint (*(const guint8 *) attribute (out, XFRMA_SA_DIR, 1), ==, XFRM_SA_DIR_OUT);
  for (guint i = 0; i < 2; i++)
    {
      Sa sa = i ? out : in;

      g_assert_cmpuint (sa.info->mode, ==, XFRM_MODE_TUNNEL);
      g_assert_false (sa.info->flags & (XFRM_STATE_ESN | XFRM_STATE_DECAP_DSCP));
      g_assert_null (attribute (sa, XFRMA_TFCPAD, 0));
      g_assert_null (attribute (sa, XFRMA_SA_EXTRA_FLAGS, 0));
    }
  tunnel_try_clear (t);
}

/* What is not there by itself, each alone. */
static void
test_flags (void)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 spi = tunnel_alloc (t);
      g_autofree ChannelMsg *m = full_request (ALL, spi);
      const TunnelTraits traits = { .dscp = i == 3 ? CHANNEL_DSCP_IN : i == 4 ? CHANNEL_DSCP_NOT_OUT : 0 };
      Sa in, out;

      m->sa_install.esn = i == 0;
      m->sa_install.tfc = i == 1;
      m->sa_install.transport_mode = i == 2;
      tunnel_set_traits (t, &traits);
      install (t, m, 0);
      in = sa_of (spi);
      out = sa_of (SPI_OUT);
      g_assert_cmpint ((in.info->flags & XFRM_STATE_ESN) != 0, ==, i == 0);
      g_assert_cmpint ((out.info->flags & XFRM_STATE_ESN) != 0, ==, i == 0);
      g_assert_null (attribute (in, XFRMA_TFCPAD, 0));
      g_assert_cmpint (attribute (out, XFRMA_TFCPAD, 0) != NULL, ==, i == 1);
      g_assert_cmpuint (in.info->mode, ==, i == 2 ? XFRM_MODE_TRANSPORT : XFRM_MODE_TUNNEL);
      g_assert_cmpuint (out.info->mode, ==, i == 2 ? XFRM_MODE_TRANSPORT : XFRM_MODE_TUNNEL);
      g_assert_cmpint ((in.info->flags & XFRM_STATE_DECAP_DSCP) != 0, ==, i == 3);
      g_assert_false (out.info->flags & XFRM_STATE_DECAP_DSCP);
      g_assert_null (attribute (in, XFRMA_SA_EXTRA_FLAGS, 0));
      g_assert_cmpint (attribute (out, XFRMA_SA_EXTRA_FLAGS, 0) != NULL, ==, i == 4);
      g_assert_cmpuint (replay_window (in), ==, 64);
      /* in transport mode nothing is forwarded */
      g_assert_cmpuint (tunnel_kernel.policies->len, ==, i == 2 ? 4 : 6);
      tunnel_try_clear (t);
    }
}

/* With extended numbers the kernel wants a window, and takes a small one for a mistake. */
static void
test_small_windows (void)
{
  static const guint32 windows[] = { 0, 1, 31, 32, 33, CHANNEL_MAX_REPLAY_WINDOW };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (windows); i++)
    {
      g_autoptr (Tunnel) t = tunnel_test_new ();
      guint32 spi = tunnel_alloc (t), window = windows[i / 2];
      g_autofree ChannelMsg *m = full_request (ALL, spi);
      gboolean old_field = i % 2 == 0 && window <= 32;
      Sa in;

      m->sa_install.esn = i % 2;
      m->sa_install.replay_window = window;
      install (t, m, 0);
      in = sa_of (spi);
      g_assert_cmpuint (replay_window (in), ==, old_field ? 0 : i % 2 ? MAX (window, 32) : window);
      g_assert_cmpuint (in.info->replay_window, ==, old_field ? window : 0);
      tunnel_try_clear (t);
    }
}

/* What is 0 is no limit, not one that is reached at once. */
static void
test_no_limits (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi = tunnel_alloc (t);

  tunnel_try_install (t, 1, ALL, spi, SPI_OUT, 0);
  for (guint i = 0; i < 2; i++)
    {
      const struct xfrm_lifetime_cfg *lft = &tunnel_kernel_sa (i)->lft;

      g_assert_cmpuint (lft->soft_add_expires_seconds + lft->hard_add_expires_seconds, ==, 0);
      g_assert_cmpuint (lft->soft_byte_limit, ==, XFRM_INF);
      g_assert_cmpuint (lft->hard_byte_limit, ==, XFRM_INF);
      g_assert_cmpuint (lft->soft_packet_limit, ==, XFRM_INF);
      g_assert_cmpuint (lft->hard_packet_limit, ==, XFRM_INF);
      g_assert_null (attribute (sa_of (i ? SPI_OUT : spi), XFRMA_ENCAP, 0));
    }
  tunnel_try_clear (t);
}

/* Out as it was asked for, in and forwarded the other way round. */
static void
test_policies (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = full_request (CHANNEL_SA_POLICIES, 0);
  const ChannelAddress local = probe_address ("10.9.0.1"), remote = probe_address ("10.0.0.0");
  const ChannelAddress ours = probe_address ("192.0.2.1"), theirs = probe_address ("192.0.2.2");

  m->sa_install.remote_ts.n = 1;
  install (t, m, 0);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      struct nlmsghdr *msg = g_ptr_array_index (tunnel_kernel.policies, i);
      gboolean out;
      XfrmPolicy p;

      msg->nlmsg_type = XFRM_MSG_NEWPOLICY;
      g_assert_true (xfrm_parse_policy (msg, &p));
      out = p.dir == XFRM_POLICY_OUT;
      g_assert_cmpuint (p.dir, ==, ((const guint8[]){ XFRM_POLICY_OUT, XFRM_POLICY_IN, XFRM_POLICY_FWD })[i]);
      g_assert_cmpmem (&p.selector.saddr, 4, out ? local.bytes : remote.bytes, 4);
      g_assert_cmpmem (&p.selector.daddr, 4, out ? remote.bytes : local.bytes, 4);
      g_assert_cmpuint (p.selector.prefixlen_s, ==, out ? 32 : 8);
      g_assert_cmpuint (p.selector.prefixlen_d, ==, out ? 8 : 32);
      g_assert_cmpmem (p.src.bytes, 4, out ? ours.bytes : theirs.bytes, 4);
      g_assert_cmpmem (p.dst.bytes, 4, out ? theirs.bytes : ours.bytes, 4);
      g_assert_cmphex (p.if_id, ==, 0x77);
      g_assert_cmphex (p.reqid, ==, owner_number (OWNER, 1));
      g_assert_cmpuint (p.protocol, ==, IPPROTO_ESP);
    }
  tunnel_try_clear (t);
}

/* ---- afterwards ---- */

/* Both halves and all policies go to the new place, each in its own direction. */
static void
test_moved (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 spi = tunnel_alloc (t);
  g_autofree ChannelMsg *m = full_request (ALL, spi), *update = g_new0 (ChannelMsg, 1);
  const ChannelAddress ours = probe_address ("198.51.100.1"), theirs = probe_address ("203.0.113.9");
  TunnelTestResult r = { 0 };

  m->sa_install.encap = CHANNEL_ENCAP_NONE;
  install (t, m, 0);
  update->sa_update.slot = 1;
  update->sa_update.spi_in = spi;
  update->sa_update.spi_out = SPI_OUT;
  update->sa_update.encap = CHANNEL_ENCAP_UDP;
  update->sa_update.local = probe_endpoint ("198.51.100.1", 4601);
  update->sa_update.remote = probe_endpoint ("203.0.113.9", 4602);
  tunnel_update (t, update, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  assert_encap (sa_of (spi), 4602, 4601);
  assert_encap (sa_of (SPI_OUT), 4601, 4602);
  assert_common (sa_of (spi), "203.0.113.9", "198.51.100.1");
  assert_common (sa_of (SPI_OUT), "198.51.100.1", "203.0.113.9");
  g_assert_cmpuint (replay_window (sa_of (spi)), ==, 64);
  g_assert_cmpuint (tunnel_kernel.policies->len, ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      struct nlmsghdr *msg = g_ptr_array_index (tunnel_kernel.policies, i);
      const guint16 type = msg->nlmsg_type;
      gboolean out;
      XfrmPolicy p;

      msg->nlmsg_type = XFRM_MSG_NEWPOLICY;
      g_assert_true (xfrm_parse_policy (msg, &p));
      msg->nlmsg_type = type;
      out = p.dir == XFRM_POLICY_OUT;
      g_assert_cmpmem (p.src.bytes, 4, out ? ours.bytes : theirs.bytes, 4);
      g_assert_cmpmem (p.dst.bytes, 4, out ? theirs.bytes : ours.bytes, 4);
    }
  tunnel_try_clear (t);
}

static void
test_not_moved (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  guint32 larval = tunnel_alloc (t), spi = tunnel_alloc (t), calls;

  tunnel_try_install (t, 1, ALL, spi, SPI_OUT, 0);
  /* a number without keys */
  g_assert_cmpint (tunnel_try_update (t, 1, larval, 0), ==, ESRCH);
  calls = tunnel_kernel.calls;
  for (guint i = 0; i < 2; i++)
    {
      g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
      TunnelTestResult r = { 0 };

      m->sa_update.slot = 1;
      m->sa_update.spi_in = spi;
      if (i == 0)
        m->sa_update.local = probe_endpoint ("198.51.100.1", 4500);
      tunnel_update (t, m, tunnel_on_result, &r);
      tunnel_expect (&r, EINVAL);
    }
  g_assert_cmpuint (tunnel_kernel.calls, ==, calls);
  tunnel_try_clear (t);
}

/* What it has carried so far. */
static void
test_usage (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  const guint64 last_use = 1700000000;
  struct nl_msg *told;
  TunnelTestResult r = { 0 };

  tunnel_try_install (t, 1, CHANNEL_SA_OUT, 0, SPI_OUT, 0);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 1);
  told = nlmsg_alloc_size (4096);
  memcpy (nlmsg_hdr (told), tunnel_kernel.sas->pdata[0],
          ((const struct nlmsghdr *) tunnel_kernel.sas->pdata[0])->nlmsg_len);
  ((struct xfrm_usersa_info *) nlmsg_data (nlmsg_hdr (told)))->curlft.bytes = 840;
  ((struct xfrm_usersa_info *) nlmsg_data (nlmsg_hdr (told)))->curlft.packets = 10;
  g_assert_cmpint (nla_put (told, XFRMA_LASTUSED, sizeof last_use, &last_use), ==, 0);
  g_free (tunnel_kernel.sas->pdata[0]);
  tunnel_kernel.sas->pdata[0] = g_memdup2 (nlmsg_hdr (told), nlmsg_hdr (told)->nlmsg_len);
  nlmsg_free (told);
  m->sa_query.slot = 1;
  m->sa_query.outbound = TRUE;
  m->sa_query.spi = SPI_OUT;
  tunnel_query (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, 0);
  g_assert_cmphex (r.last.spi, ==, SPI_OUT);
  g_assert_cmpuint (r.last.bytes, ==, 840);
  g_assert_cmpuint (r.last.packets, ==, 10);
  g_assert_cmpuint (r.last.last_use, ==, last_use);
  tunnel_try_clear (t);
}

/* ---- what is not asked of it ---- */

static void
test_no_spi (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();

  for (guint i = 0; i < 4; i++)
    {
      g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
      TunnelTestResult r = { 0 };

      m->spi_alloc.slot = 1;
      m->spi_alloc.protocol = i == 0 ? 2 : 3;
      if (i != 1)
        m->spi_alloc.local = probe_address ("192.0.2.1");
      if (i != 1 && i != 2)
        m->spi_alloc.remote = probe_address (i == 3 ? "2001:db8::1" : "192.0.2.2");
      tunnel_spi_alloc (t, m, tunnel_on_result, &r);
      tunnel_expect (&r, EINVAL);
    }
  g_assert_cmpuint (tunnel_kernel.calls, ==, 0);
}

typedef enum {
  NO_INTEG_KEY_IN,
  NO_INTEG_KEY_OUT,
  NO_ENCR_KEY_IN,
  NO_ENCR_KEY_OUT,
  KEY_FOR_NOTHING,
  NO_CIPHER,
  TWICE_INTEGRITY,
  NO_INTEGRITY,
  NO_ICV,
  ONE_CPI,
  OTHER_CPI,
  SPI_IN,
  OUTBOUND_SPI,
  FAMILIES,
  NO_FAMILY,
  LABEL,
  CPU,
  PROTOCOL,
  GROUP_OF_TUNNELS,
  GROUP_WITH_SAS,
} Wrong;

static void
spoil_algorithms (ChannelSaInstall *sa, Wrong what)
{
  if (what == NO_INTEG_KEY_IN || what == NO_INTEGRITY)
    sa->integ_in.len = 0;
  if (what == NO_INTEG_KEY_OUT || what == NO_INTEGRITY)
    sa->integ_out.len = 0;
  if (what == NO_INTEGRITY || what == NO_ICV)
    sa->integ = "";
  if (what == NO_ENCR_KEY_IN)
    sa->encr_in.len = 0;
  if (what == NO_ENCR_KEY_OUT)
    sa->encr_out.len = 0;
  if (what == KEY_FOR_NOTHING)
    sa->encr = "ecb(cipher_null)";
  if (what == NO_CIPHER)
    sa->encr = "";
  if (what == TWICE_INTEGRITY || what == NO_ICV)
    sa->aead = 1;
  if (what == NO_ICV)
    sa->integ_in.len = sa->integ_out.len = sa->icv_bits = 0;
}

static void
spoil_others (ChannelSaInstall *sa, Wrong what)
{
  if (what == ONE_CPI)
    sa->cpi_out = 0x2000;
  if (what == OTHER_CPI)
    sa->cpi_in = sa->cpi_out = 0x2000; /* which nobody has reserved */
  if (what == SPI_IN)
    sa->spi_in = 255;
  if (what == OUTBOUND_SPI)
    sa->spi_out = 255;
  if (what == FAMILIES)
    sa->remote.address.family = 6;
  if (what == NO_FAMILY)
    sa->local.address.family = sa->remote.address.family = 0;
  if (what == LABEL)
    sa->label = "a:b:c";
  if (what == CPU)
    sa->cpu = 1;
  if (what == PROTOCOL)
    sa->protocol = 2;
  if (what == GROUP_OF_TUNNELS || what == GROUP_WITH_SAS)
    sa->rule = CHANNEL_RULE_PASS;
  if (what == GROUP_OF_TUNNELS)
    sa->parts = CHANNEL_SA_POLICIES;
  if (what == GROUP_WITH_SAS)
    sa->transport_mode = 1;
}

static void
test_refused (void)
{
  static const char *const rows[] = {
    [NO_INTEG_KEY_IN] = "The inbound SA",
    [NO_INTEG_KEY_OUT] = "The outbound SA",
    [NO_ENCR_KEY_IN] = "The inbound SA",
    [NO_ENCR_KEY_OUT] = "The outbound SA",
    [KEY_FOR_NOTHING] = "The inbound SA",
    [NO_CIPHER] = "An SA needs a cipher",
    [TWICE_INTEGRITY] = "integrity exactly once",
    [NO_INTEGRITY] = "integrity exactly once",
    [NO_ICV] = "integrity exactly once",
    [ONE_CPI] = "IPComp wants",
    [OTHER_CPI] = "IPComp wants",
    [SPI_IN] = "The inbound SA",
    [OUTBOUND_SPI] = "The outbound SA",
    [FAMILIES] = "The tunnel's ends",
    [NO_FAMILY] = "The tunnel's ends",
    [LABEL] = "The label",
    [CPU] = "this processor",
    [PROTOCOL] = "Nothing that could be installed",
    [GROUP_OF_TUNNELS] = "A group",
    [GROUP_WITH_SAS] = "A group",
  };
  g_autoptr (Tunnel) t = tunnel_test_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree ChannelMsg *m = full_request (ALL, 0xc0000001);
      TunnelTestResult r = { 0 };

      spoil_algorithms (&m->sa_install, (Wrong) i);
      spoil_others (&m->sa_install, (Wrong) i);
      tunnel_install (t, &m->sa_install, tunnel_on_result, &r);
      tunnel_pump ();
      g_test_message ("row %" G_GSIZE_FORMAT ": %s", i, r.text);
      g_assert_cmpint (r.last.error, ==, EINVAL);
      g_assert_nonnull (strstr (r.text, rows[i]));
      g_free (r.text);
    }
  g_assert_cmpuint (tunnel_kernel.calls, ==, 0);
}

/* The lowest number that is nobody's (RFC 4303 section 2.1). */
static void
test_first_spi (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = full_request (ALL, 256);

  m->sa_install.spi_out = 256;
  install (t, m, 0);
  tunnel_try_clear (t);
}

/* Whoever asks without end is refused; what is given back is room again. */
static void
test_room (void)
{
  g_autoptr (Tunnel) t = tunnel_test_new ();
  g_autofree ChannelMsg *m = g_new0 (ChannelMsg, 1);
  TunnelTestResult r = { 0 };
  guint32 spi;

  m->spi_alloc.slot = 1;
  m->spi_alloc.protocol = 3;
  m->spi_alloc.local = probe_address ("192.0.2.1");
  m->spi_alloc.remote = probe_address ("192.0.2.2");
  tunnel_set_room (t, 4);
  spi = tunnel_alloc (t);
  for (guint i = 1; i < 4; i++)
    tunnel_alloc (t);
  tunnel_spi_alloc (t, m, tunnel_on_result, &r);
  tunnel_expect (&r, ENOSPC);
  tunnel_try_install (t, 1, ALL, spi, 0x1111, ENOSPC);
  g_assert_cmpuint (tunnel_kernel.sas->len, ==, 4);
  tunnel_try_delete (t, 1, CHANNEL_SA_IN, spi, 0);
  spi = tunnel_alloc (t);
  tunnel_set_room (t, 5);
  tunnel_try_install (t, 1, ALL, spi, 0x1111, 0);
  tunnel_try_clear (t);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/tunnel-values/values", test_values);
  g_test_add_func ("/helper/tunnel-values/flags", test_flags);
  g_test_add_func ("/helper/tunnel-values/small-windows", test_small_windows);
  g_test_add_func ("/helper/tunnel-values/no-limits", test_no_limits);
  g_test_add_func ("/helper/tunnel-values/policies", test_policies);
  g_test_add_func ("/helper/tunnel-values/moved", test_moved);
  g_test_add_func ("/helper/tunnel-values/not-moved", test_not_moved);
  g_test_add_func ("/helper/tunnel-values/usage", test_usage);
  g_test_add_func ("/helper/tunnel-values/no-spi", test_no_spi);
  g_test_add_func ("/helper/tunnel-values/refused", test_refused);
  g_test_add_func ("/helper/tunnel-values/first-spi", test_first_spi);
  g_test_add_func ("/helper/tunnel-values/room", test_room);
  return g_test_run ();
}
