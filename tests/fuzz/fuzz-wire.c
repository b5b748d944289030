/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each payload kind: parse, look at everything, write. */
#include "fuzz-wire.h"

#include "base/text.h"
#include "crypto/auth-announce.h"
#include "wire/payload-auth.h"
#include "wire/payload-cert.h"
#include "wire/payload-cp-dns.h"
#include "wire/payload-delete.h"
#include "wire/payload-eap.h"
#include "wire/payload-id.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-redirect.h"
#include "wire/payload-sa.h"
#include "wire/payload-sk.h"
#include "wire/payload-ts.h"

static void
assert_clean (const char *text)
{
  g_assert_true (ike_text_is_clean (text, strlen (text), FALSE));
}

static gboolean
rewrite_sa (IkeChunk body, IkeWriter *writer)
{
  g_auto (IkeSa) sa = { 0 };
  g_autofree char *text = NULL;

  if (!ike_sa_parse (body, &sa))
    return FALSE;
  text = ike_sa_to_string (&sa);
  assert_clean (text);
  g_assert_cmpuint (sa.proposals->len, >=, 1);
  g_assert_cmpuint (sa.proposals->len, <=, IKE_MAX_PROPOSALS);
  /* one proposal can be written as chosen; a list has one SPI for all */
  for (guint i = 0; i < sa.proposals->len; i++)
    {
      const IkeSaProposal *proposal = ike_sa_proposal (&sa, i);

      ike_writer_clear (writer);
      ike_sa_write_chosen (writer, proposal->number, proposal->protocol, proposal->spi,
                           ike_sa_transforms (&sa, proposal), proposal->n_transforms);
    }
  return TRUE;
}

static gboolean
rewrite_id (IkeChunk body, IkeWriter *writer)
{
  g_autoptr (IkeIdentity) identity = NULL;
  g_autofree char *text = NULL;
  IkeId id;

  if (!ike_id_parse (body, &id))
    return FALSE;
  identity = ike_id_identity (&id);
  text = ike_identity_to_string (identity);
  assert_clean (text);
  g_assert_true (ike_identity_equal (identity, identity));
  ike_id_write (writer, identity);
  return TRUE;
}

static gboolean
rewrite_ts (IkeChunk body, IkeWriter *writer)
{
  g_autoptr (GArray) selectors = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  g_autoptr (GArray) labels = g_array_new (FALSE, FALSE, sizeof (IkeChunk));
  IkeChunk label = { 0 };
  guint unknown;

  if (!ike_ts_parse (body, selectors, labels, &unknown))
    {
      g_assert_cmpuint (selectors->len + labels->len, ==, 0);
      return FALSE;
    }
  g_assert_cmpuint (selectors->len + unknown, <=, IKE_MAX_TS);
  for (guint i = 0; i < selectors->len; i++)
    {
      g_autofree char *text = ike_selector_to_string (&g_array_index (selectors, IkeSelector, i));

      assert_clean (text);
    }
  if (selectors->len == 0)
    return FALSE; /* only unknown ones, or labels: there is nothing to write */
  if (labels->len > 0)
    label = g_array_index (labels, IkeChunk, labels->len - 1);
  ike_ts_write (writer, selectors, label);
  return TRUE;
}

static gboolean
rewrite_cp (IkeChunk body, IkeWriter *writer)
{
  guint n = 0;
  gsize offset = 0;
  IkeCpAttr attr;
  IkeCp cp;

  if (!ike_cp_parse (body, &cp))
    return FALSE;
  ike_cp_write (writer, cp.type);
  while (ike_cp_next (&cp, &offset, &attr))
    {
      g_autofree char *line = ike_cp_attr_text (&attr, FALSE, 255);
      g_autofree char *lines = ike_cp_attr_text (&attr, TRUE, 4096);
      IkeAddress address;
      IkePrefix prefix;

      g_autofree char *cut = ike_cp_attr_text (&attr, TRUE, 5);

      if (line)
        assert_clean (line);
      g_assert_true (!lines || ike_text_is_clean (lines, strlen (lines), TRUE));
      if (cut && attr.value.len <= 4096 && ike_text_is_clean (attr.value.data, attr.value.len, TRUE))
        g_assert_true (g_str_has_prefix (lines, cut));
      g_autofree char *anchor = ike_cp_attr_trust_anchor (&attr);
      g_autoptr (IkeResolver) resolver = ike_cp_attr_resolver (&attr);
      g_autofree char *told = resolver ? ike_resolver_to_string (resolver) : NULL;

      g_assert_true (!anchor || g_str_is_ascii (anchor));
      g_assert_true (!resolver || (resolver->name && resolver->addresses->len <= IKE_MAX_RESOLVER_ADDRESSES));
      if (resolver)
        assert_clean (told);
      if (resolver && resolver->protocols)
        g_assert_true (resolver->protocols[0] != ',' && !strstr (resolver->protocols, ",,") &&
                       !g_str_has_suffix (resolver->protocols, ","));
      if (ike_cp_attr_address (&attr, &address))
        g_assert_cmpuint (address.family, !=, IKE_FAMILY_NONE);
      if (ike_cp_attr_prefix (&attr, &prefix))
        g_assert_cmpuint (prefix.prefix, <=, ike_family_len (prefix.address.family) * 8);
      ike_cp_write_attr (writer, attr.type, attr.value);
      n++;
    }
  g_assert_cmpuint (n, ==, cp.n_attrs);
  return TRUE;
}

static gboolean
rewrite_delete (IkeChunk body, IkeWriter *writer)
{
  guint32 spis[IKE_MAX_DELETE_SPIS];
  IkeDelete delete;

  if (!ike_delete_parse (body, &delete))
    return FALSE;
  for (guint i = 0; i < delete.n_spis; i++)
    spis[i] = ike_delete_spi (&delete, i);
  ike_delete_write (writer, delete.protocol, spis, delete.n_spis);
  return TRUE;
}

/* SK has nothing to write without a key; every shape is tried. */
static void
look_at_sk (guint8 type, IkeChunk body)
{
  const IkeSkShape shapes[] = { { 8, 16, 1 }, { 8, 8, 1 }, { 16, 12, 16 }, { 16, 32, 16 }, { 8, 12, 8 }, { 0, 0, 1 } };
  const IkePayload payload = { .type = type, .body = body };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      IkeSk sk;
      gsize len;

      if (!ike_sk_parse (&payload, &shapes[i], &sk))
        continue;
      g_assert_cmpuint (sk.ciphertext.len % shapes[i].block_len, ==, 0);
      g_assert_cmpuint (sk.iv.len + sk.ciphertext.len + sk.icv.len, <=, body.len);
      if (ike_sk_unpad (sk.ciphertext, &len))
        g_assert_cmpuint (len, <, sk.ciphertext.len);
    }
}

/* Whatever the notification's type: what names an address is written alike, what names a host is a host's name. */
static void
check_redirect (IkeChunk data)
{
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);
  IkeRedirect redirect;

  if (!ike_redirect_parse (data, &redirect))
    return;
  g_assert_true (redirect.address.family || redirect.name[0]);
  ike_redirect_write (&writer, &redirect);
  g_assert_true (ike_chunk_equal (ike_writer_chunk (&writer), data));
}

gboolean
fuzz_payload_rewrite (guint8 type, IkeChunk body, IkeWriter *writer)
{
  IkeKe ke;
  IkeCert cert;
  IkeAuthPayload auth;
  IkeAnnounced announced;
  IkeNotify notify;
  IkeEap eap;
  IkeChunk nonce;

  switch ((IkePayloadType) type)
    {
    case IKE_PAYLOAD_SA:
      return rewrite_sa (body, writer);
    case IKE_PAYLOAD_KE:
      return ike_ke_parse (body, &ke) && (ike_ke_write (writer, &ke), TRUE);
    case IKE_PAYLOAD_IDI:
    case IKE_PAYLOAD_IDR:
      return rewrite_id (body, writer);
    case IKE_PAYLOAD_CERT:
      return ike_cert_parse (body, &cert) && (ike_cert_write (writer, &cert), TRUE);
    case IKE_PAYLOAD_CERTREQ:
      if (!ike_certreq_parse (body, &cert))
        return FALSE;
      for (guint i = 0; i < ike_certreq_n_hashes (&cert); i++)
        g_assert_true (ike_certreq_contains (&cert, cert.data.data + i * IKE_CERTREQ_HASH_LEN));
      return ike_cert_write (writer, &cert), TRUE;
    case IKE_PAYLOAD_AUTH:
      return ike_auth_parse (body, &auth) && (ike_auth_write (writer, &auth), TRUE);
    case IKE_PAYLOAD_NONCE:
      return ike_nonce_parse (body, &nonce) && (ike_write_chunk (writer, nonce), TRUE);
    case IKE_PAYLOAD_NOTIFY:
      if (!ike_notify_parse (body, &notify))
        return FALSE;
      check_redirect (notify.data);
      (void) ike_announced_parse (notify.data, &announced);
      return ike_notify_write (writer, &notify), TRUE;
    case IKE_PAYLOAD_DELETE:
      return rewrite_delete (body, writer);
    case IKE_PAYLOAD_TSI:
    case IKE_PAYLOAD_TSR:
      return rewrite_ts (body, writer);
    case IKE_PAYLOAD_CP:
      return rewrite_cp (body, writer);
    case IKE_PAYLOAD_EAP:
      return ike_eap_parse (body, &eap) && (ike_eap_write (writer, &eap), TRUE);
    case IKE_PAYLOAD_SK:
    case IKE_PAYLOAD_SKF:
      look_at_sk (type, body);
      return FALSE;
    case IKE_PAYLOAD_NONE:
    case IKE_PAYLOAD_VENDOR:
    case IKE_PAYLOAD_GSPM:
    case IKE_PAYLOAD_PS:
      break;
    }
  return FALSE;
}

void
fuzz_payload_check (guint8 type, IkeChunk body)
{
  g_auto (IkeWriter) first = IKE_WRITER (IKE_MAX_MESSAGE), second = IKE_WRITER (IKE_MAX_MESSAGE);
  IkeChunk a, b;

  if (!fuzz_payload_rewrite (type, body, &first) || !ike_writer_ok (&first))
    return;
  a = ike_writer_chunk (&first);
  g_assert_true (fuzz_payload_rewrite (type, a, &second));
  g_assert_true (ike_writer_ok (&second));
  b = ike_writer_chunk (&second);
  g_assert_cmpmem (a.data, a.len, b.data, b.len);
}
