/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine asks of the kernel, as the channel's messages: no field gets lost, and none is taken for another. */
#include "helper-requests.h"

#include "crypto/suites.h"

#include <string.h>

/* ---- one request in which no two values are the same ---- */

static IkeAddress
address (const char *text)
{
  IkeAddress ret;

  g_assert_true (ike_address_from_string (text, &ret));
  return ret;
}

static void
add_selector (GArray *list, const char *first, const char *last, guint8 protocol, guint16 port)
{
  const IkeSelector selector = { address (first), address (last), protocol, port, (guint16) (port + 5) };

  g_array_append_val (list, selector);
}

static void
request_init (IkeKernelRequest *request, IkeKernelOp op)
{
  *request = (IkeKernelRequest){
    .op = op,
    .child = 11,
    .slot = 12,
    .parts = IKE_SA_IN | IKE_SA_OUT,
    .rule = IKE_RULE_BLOCK,
    .spi_in = 0xc0000001,
    .spi_out = 0xc0000002,
    .protocol = IKE_PROTOCOL_ESP,
    .cpi_in = 0x3001,
    .cpi_out = 0x3002,
    .cpu = 13,
    .replay_window = 64,
    .path = { IKE_TRANSPORT_UDP, { address ("192.0.2.2"), 4501 }, { address ("198.51.100.2"), 4502 } },
    .old_path = { IKE_TRANSPORT_TCP, { address ("192.0.2.3"), 4503 }, { address ("198.51.100.3"), 4504 } },
    .encr = IKE_ENCR_AES_CBC,
    .encr_bits = 256,
    .integ = IKE_INTEG_HMAC_SHA2_384_192,
    .encr_in = ike_secret_new_from ("encr in", 7),
    .integ_in = ike_secret_new_from ("integ in", 8),
    .encr_out = ike_secret_new_from ("encr out.", 9),
    .integ_out = ike_secret_new_from ("integ out.", 10),
    .local_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector)),
    .remote_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector)),
    .label = g_bytes_new_static ("a:b:c", 6),
    .soft_lifetime = 21 * IKE_SECOND,
    .hard_lifetime = 22 * IKE_SECOND + 1,
    .soft_bytes = G_GUINT64_CONSTANT (0x100000001),
    .hard_bytes = G_GUINT64_CONSTANT (0x100000002),
    .soft_packets = G_GUINT64_CONSTANT (0x100000003),
    .hard_packets = G_GUINT64_CONSTANT (0x100000004),
  };
  add_selector (request->local_ts, "10.1.0.0", "10.1.0.255", 6, 100);
  add_selector (request->remote_ts, "2001:db8::", "2001:db8::ff", 17, 200);
  add_selector (request->remote_ts, "10.2.0.0", "10.2.0.127", 0, 300);
}

static void
request_clear (IkeKernelRequest *request)
{
  ike_secret_free (request->encr_in);
  ike_secret_free (request->integ_in);
  ike_secret_free (request->encr_out);
  ike_secret_free (request->integ_out);
  g_clear_pointer (&request->local_ts, g_array_unref);
  g_clear_pointer (&request->remote_ts, g_array_unref);
  g_clear_pointer (&request->label, g_bytes_unref);
}

/* ---- what must be in the message ---- */

static void
assert_address (const ChannelAddress *is, const char *wanted)
{
  const IkeAddress a = address (wanted);

  g_assert_cmpuint (is->family, ==, a.family);
  g_assert_cmpmem (is->bytes, sizeof is->bytes, a.bytes, sizeof a.bytes);
}

static void
assert_endpoint (const ChannelEndpoint *is, const char *wanted, guint16 port)
{
  assert_address (&is->address, wanted);
  g_assert_cmpuint (is->port, ==, port);
}

static void
assert_selector (const ChannelSelector *is, const char *first, const char *last, guint8 protocol, guint16 port)
{
  assert_address (&is->first, first);
  assert_address (&is->last, last);
  g_assert_cmpuint (is->protocol, ==, protocol);
  g_assert_cmpuint (is->port_first, ==, port);
  g_assert_cmpuint (is->port_last, ==, port + 5);
}

static void
assert_blob (ChannelBlob is, const char *wanted)
{
  g_assert_cmpmem (is.data, is.len, wanted, strlen (wanted));
}

static void
test_install (void)
{
  IkeKernelRequest request;
  ChannelMsg msg = { 0 };
  const ChannelSaInstall *sa = &msg.sa_install;

  request_init (&request, IKE_KERNEL_INSTALL);
  helper_request_kernel (&msg, &request);
  g_assert_cmpint (msg.type, ==, CHANNEL_SA_INSTALL);
  g_assert_cmpuint (sa->slot, ==, 12);
  g_assert_cmpuint (sa->parts, ==, CHANNEL_SA_IN | CHANNEL_SA_OUT);
  g_assert_cmpuint (sa->rule, ==, CHANNEL_RULE_BLOCK);
  g_assert_cmpuint (sa->protocol, ==, 3);
  g_assert_cmpuint (sa->spi_in, ==, 0xc0000001);
  g_assert_cmpuint (sa->spi_out, ==, 0xc0000002);
  g_assert_cmpuint (sa->cpi_in, ==, 0x3001);
  g_assert_cmpuint (sa->cpi_out, ==, 0x3002);
  g_assert_cmpuint (sa->cpu, ==, 13);
  g_assert_cmpuint (sa->replay_window, ==, 64);
  assert_endpoint (&sa->local, "192.0.2.2", 4501);
  assert_endpoint (&sa->remote, "198.51.100.2", 4502);
  g_assert_cmpstr (sa->encr, ==, "cbc(aes)");
  g_assert_cmpstr (sa->integ, ==, "hmac(sha384)");
  g_assert_cmpuint (sa->icv_bits, ==, 192);
  g_assert_cmpstr (sa->label, ==, "a:b:c");
  assert_blob (sa->encr_in, "encr in");
  assert_blob (sa->integ_in, "integ in");
  assert_blob (sa->encr_out, "encr out.");
  assert_blob (sa->integ_out, "integ out.");
  g_assert_cmpuint (sa->soft_seconds, ==, 21);
  g_assert_cmpuint (sa->hard_seconds, ==, 23); /* rounded up */
  g_assert_cmpuint (sa->soft_bytes, ==, G_GUINT64_CONSTANT (0x100000001));
  g_assert_cmpuint (sa->hard_bytes, ==, G_GUINT64_CONSTANT (0x100000002));
  g_assert_cmpuint (sa->soft_packets, ==, G_GUINT64_CONSTANT (0x100000003));
  g_assert_cmpuint (sa->hard_packets, ==, G_GUINT64_CONSTANT (0x100000004));
  g_assert_cmpuint (sa->local_ts.n, ==, 1);
  assert_selector (&sa->local_ts.at[0], "10.1.0.0", "10.1.0.255", 6, 100);
  g_assert_cmpuint (sa->remote_ts.n, ==, 2);
  assert_selector (&sa->remote_ts.at[0], "2001:db8::", "2001:db8::ff", 17, 200);
  assert_selector (&sa->remote_ts.at[1], "10.2.0.0", "10.2.0.127", 0, 300);
  request_clear (&request);
}

/* Each alone, so that none stands for another. */
static void
test_install_flags (void)
{
  static const gsize flags[] = { G_STRUCT_OFFSET (IkeKernelRequest, transport_mode),
                                 G_STRUCT_OFFSET (IkeKernelRequest, encap), G_STRUCT_OFFSET (IkeKernelRequest, esn),
                                 G_STRUCT_OFFSET (IkeKernelRequest, tfc), G_STRUCT_OFFSET (IkeKernelRequest, aggfrag),
                                 /* these two say nothing here: of SPI_ALLOC */
                                 G_STRUCT_OFFSET (IkeKernelRequest, ipcomp),
                                 G_STRUCT_OFFSET (IkeKernelRequest, per_cpu) };

  for (gsize i = 0; i <= G_N_ELEMENTS (flags); i++)
    {
      IkeKernelRequest request;
      ChannelMsg msg = { 0 };
      const ChannelSaInstall *sa = &msg.sa_install;

      request_init (&request, IKE_KERNEL_INSTALL);
      if (i < G_N_ELEMENTS (flags))
        G_STRUCT_MEMBER (gboolean, &request, flags[i]) = 2; /* any that is not FALSE */
      helper_request_kernel (&msg, &request);
      g_assert_cmpuint (sa->transport_mode, ==, i == 0);
      g_assert_cmpuint (sa->encap, ==, i == 1 ? CHANNEL_ENCAP_UDP : CHANNEL_ENCAP_NONE);
      g_assert_cmpuint (sa->esn, ==, i == 2);
      g_assert_cmpuint (sa->tfc, ==, i == 3);
      g_assert_cmpuint (sa->iptfs, ==, i == 4 ? CHANNEL_IPTFS_YES : CHANNEL_IPTFS_NO);
      g_assert_cmpuint (sa->aead, ==, 0);
      request_clear (&request);
    }
}

/* What depends on more than one value: the cipher's own checksum, TCP, packets that stay whole, no limits. */
static void
test_install_other (void)
{
  IkeKernelRequest request;
  ChannelMsg msg = { 0 };
  const ChannelSaInstall *sa = &msg.sa_install;

  request_init (&request, IKE_KERNEL_INSTALL);
  request.encr = IKE_ENCR_AES_GCM_12;
  request.integ = IKE_INTEG_NONE;
  request.path.transport = IKE_TRANSPORT_TCP;
  request.aggfrag = request.aggfrag_whole = TRUE;
  request.soft_lifetime = request.hard_lifetime = 0;
  g_clear_pointer (&request.label, g_bytes_unref);
  g_clear_pointer (&request.integ_in, ike_secret_free);
  helper_request_kernel (&msg, &request);
  g_assert_cmpstr (sa->encr, ==, "rfc4106(gcm(aes))");
  g_assert_cmpuint (sa->aead, ==, 1);
  g_assert_cmpuint (sa->icv_bits, ==, 96);
  g_assert_true (!sa->integ || !*sa->integ);
  g_assert_cmpuint (sa->integ_in.len, ==, 0);
  g_assert_cmpuint (sa->encap, ==, CHANNEL_ENCAP_TCP);
  g_assert_cmpuint (sa->iptfs, ==, CHANNEL_IPTFS_WHOLE);
  g_assert_cmpuint (sa->soft_seconds, ==, 0);
  g_assert_cmpuint (sa->hard_seconds, ==, 0);
  g_assert_cmpstr (sa->label, ==, "");
  request_clear (&request);
}

static void
test_update (void)
{
  IkeKernelRequest request;

  for (guint parts = IKE_SA_IN; parts <= (IKE_SA_IN | IKE_SA_OUT); parts++)
    {
      ChannelMsg msg = { 0 };

      request_init (&request, IKE_KERNEL_UPDATE);
      request.parts = parts;
      request.encap = parts == IKE_SA_IN;
      helper_request_kernel (&msg, &request);
      g_assert_cmpint (msg.type, ==, CHANNEL_SA_UPDATE);
      g_assert_cmpuint (msg.sa_update.slot, ==, 12);
      g_assert_cmpuint (msg.sa_update.spi_in, ==, parts & IKE_SA_IN ? 0xc0000001 : 0);
      g_assert_cmpuint (msg.sa_update.spi_out, ==, parts & IKE_SA_OUT ? 0xc0000002 : 0);
      g_assert_cmpuint (msg.sa_update.encap, ==, parts == IKE_SA_IN ? CHANNEL_ENCAP_UDP : CHANNEL_ENCAP_NONE);
      assert_endpoint (&msg.sa_update.local, "192.0.2.2", 4501);
      assert_endpoint (&msg.sa_update.remote, "198.51.100.2", 4502);
      request_clear (&request);
    }
}

static void
test_delete (void)
{
  IkeKernelRequest request;
  ChannelMsg msg = { 0 };

  request_init (&request, IKE_KERNEL_DELETE);
  request.parts = IKE_SA_OUT | IKE_SA_POLICIES;
  helper_request_kernel (&msg, &request);
  g_assert_cmpint (msg.type, ==, CHANNEL_SA_DELETE);
  g_assert_cmpuint (msg.sa_delete.slot, ==, 12);
  g_assert_cmpuint (msg.sa_delete.parts, ==, CHANNEL_SA_OUT | CHANNEL_SA_POLICIES);
  g_assert_cmpuint (msg.sa_delete.spi_in, ==, 0xc0000001);
  g_assert_cmpuint (msg.sa_delete.spi_out, ==, 0xc0000002);
  request_clear (&request);
}

static void
test_query (void)
{
  IkeKernelRequest request;

  for (guint out = 0; out < 2; out++)
    {
      ChannelMsg msg = { 0 };

      request_init (&request, IKE_KERNEL_QUERY);
      request.parts = out ? IKE_SA_OUT : 0;
      helper_request_kernel (&msg, &request);
      g_assert_cmpint (msg.type, ==, CHANNEL_SA_QUERY);
      g_assert_cmpuint (msg.sa_query.slot, ==, 12);
      g_assert_cmpuint (msg.sa_query.outbound, ==, out);
      g_assert_cmpuint (msg.sa_query.spi, ==, out ? 0xc0000002 : 0xc0000001);
      request_clear (&request);
    }
}

static void
test_alloc_spi (void)
{
  static const gsize flags[] = { G_STRUCT_OFFSET (IkeKernelRequest, transport_mode),
                                 G_STRUCT_OFFSET (IkeKernelRequest, ipcomp),
                                 G_STRUCT_OFFSET (IkeKernelRequest, aggfrag),
                                 G_STRUCT_OFFSET (IkeKernelRequest, per_cpu) };

  for (gsize i = 0; i <= G_N_ELEMENTS (flags); i++)
    {
      IkeKernelRequest request;
      ChannelMsg msg = { 0 };

      request_init (&request, IKE_KERNEL_ALLOC_SPI);
      if (i < G_N_ELEMENTS (flags))
        G_STRUCT_MEMBER (gboolean, &request, flags[i]) = 2;
      helper_request_kernel (&msg, &request);
      g_assert_cmpint (msg.type, ==, CHANNEL_SPI_ALLOC);
      g_assert_cmpuint (msg.spi_alloc.slot, ==, 12);
      g_assert_cmpuint (msg.spi_alloc.protocol, ==, 3);
      g_assert_cmpuint (msg.spi_alloc.transport_mode, ==, i == 0);
      g_assert_cmpuint (msg.spi_alloc.ipcomp, ==, i == 1);
      g_assert_cmpuint (msg.spi_alloc.iptfs, ==, i == 2);
      g_assert_cmpuint (msg.spi_alloc.per_cpu, ==, i == 3);
      assert_address (&msg.spi_alloc.local, "192.0.2.2");
      assert_address (&msg.spi_alloc.remote, "198.51.100.2");
      request_clear (&request);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper-requests/install", test_install);
  g_test_add_func ("/helper-requests/install-flags", test_install_flags);
  g_test_add_func ("/helper-requests/install-other", test_install_other);
  g_test_add_func ("/helper-requests/update", test_update);
  g_test_add_func ("/helper-requests/delete", test_delete);
  g_test_add_func ("/helper-requests/query", test_query);
  g_test_add_func ("/helper-requests/alloc-spi", test_alloc_spi);
  return g_test_run ();
}
