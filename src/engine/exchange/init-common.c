/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends of IKE_SA_INIT do alike: RFC 7296 sections 1.2, 2.14; RFC 7383 section 2.3; RFC 7427 section 4. */
#include "exchange/init-common.h"

#include "exchange/stream.h"

#include "wire/payload-ke.h"
#include "wire/payload-notify.h"

#define MAX_ANNOUNCEMENT 1024

void
ike_init_begin (IkeBuilder *builder, IkeParent *parent, guint8 exchange)
{
  const IkeNego *nego = parent->nego;
  IkeHeader header;

  ike_run_header (parent, exchange, FALSE, 0, &header);
  ike_builder_init (builder, &header);
  if (nego->cookie)
    ike_builder_notify (builder, IKE_NOTIFY_COOKIE, ike_chunk_bytes (nego->cookie));
}

void
ike_init_send (IkeTask *task, IkeBuilder *builder)
{
  if (task->parent->state == IKE_PARENT_NEW)
    ike_parent_set_state (task->parent, IKE_PARENT_INIT);
  ike_run_send (task, builder);
}

void
ike_init_write (IkeBuilder *builder, GPtrArray *proposals, const IkeSuite *chosen, const IkeMaterial *material,
                GBytes *nonce)
{
  IkeKe ke = { .group = material->group, .data = ike_chunk_bytes (material->mine) };
  IkeWriter *writer = ike_builder_begin (builder, IKE_PAYLOAD_SA);

  if (chosen)
    {
      IkeProposal *answer = ike_proposal_from_suite (chosen);

      ike_sa_write_chosen (writer, chosen->number, IKE_PROTOCOL_IKE, ike_chunk (NULL, 0),
                           (const IkeTransform *) (gpointer) answer->transforms->data, answer->transforms->len);
      ike_proposal_free (answer);
    }
  else
    ike_sa_write (writer, proposals, ike_chunk (NULL, 0));
  ike_builder_end (builder);
  ike_ke_write (ike_builder_begin (builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (builder);
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk_bytes (nonce));
}

void
ike_init_write_abilities (IkeBuilder *builder, const IkeCrypto *crypto, gboolean fragmentation)
{
  IkeHashId hashes[IKE_SIG_MAX_HASHES];
  g_auto (IkeWriter) writer = IKE_WRITER (2 * IKE_SIG_MAX_HASHES);
  guint n = ike_sig_hashes_offered (crypto, hashes);

  if (fragmentation)
    ike_builder_notify (builder, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, ike_chunk (NULL, 0));
  for (guint i = 0; i < n; i++)
    ike_write_u16 (&writer, hashes[i]);
  ike_builder_notify (builder, IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS, ike_writer_chunk (&writer));
}

void
ike_init_write_childless (IkeBuilder *builder)
{
  const IkeNotify notify = { .protocol = IKE_PROTOCOL_IKE, .type = IKE_NOTIFY_CHILDLESS_IKEV2_SUPPORTED };

  ike_notify_write (ike_builder_begin (builder, IKE_PAYLOAD_NOTIFY), &notify);
  ike_builder_end (builder);
}

void
ike_init_write_announcement (IkeBuilder *builder, const IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);
  g_auto (IkeWriter) writer = IKE_WRITER (MAX_ANNOUNCEMENT);

  ike_announced_write (&writer, config->remote_auth, config->allow_rsa_sha1, parent->core->crypto);
  if (ike_writer_ok (&writer) && ike_writer_len (&writer))
    ike_builder_notify (builder, IKE_NOTIFY_SUPPORTED_AUTH_METHODS, ike_writer_chunk (&writer));
}

void
ike_init_read_announcement (IkeParent *parent, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (!ike_notify_find (payloads, IKE_NOTIFY_SUPPORTED_AUTH_METHODS, &notify))
    return;
  /* an empty one says that it knows what this is (RFC 9593 section 3.1) */
  parent->nego->announces = TRUE;
  if (notify.data.len && !ike_announced_parse (notify.data, &parent->nego->announced))
    ike_parent_log (parent, IKE_LOG_DEBUG, "auth", "the peer's announcement of methods is malformed");
}

void
ike_init_read_abilities (IkeParent *parent, const IkePayloads *payloads)
{
  const IkeConfig *config = ike_parent_config (parent);
  IkeNotify notify;

  parent->fragmentation =
      config->fragmentation && ike_notify_find (payloads, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, &notify);
  parent->nego->takes_childless = ike_notify_find (payloads, IKE_NOTIFY_CHILDLESS_IKEV2_SUPPORTED, &notify);
  parent->nego->childless = config->childless && parent->nego->takes_childless;
  parent->nego->multiple = ike_notify_find (payloads, IKE_NOTIFY_MULTIPLE_AUTH_SUPPORTED, &notify);
  if (ike_notify_find (payloads, IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS, &notify))
    {
      IkeReader reader = ike_reader (notify.data);

      while (ike_reader_left (&reader) >= 2)
        {
          guint16 hash = ike_read_u16 (&reader);

          if (hash < 32)
            parent->nego->peer_hashes |= 1u << hash;
        }
    }
}

gboolean
ike_init_derive (const IkeParent *parent, IkeKeys *ret, const IkeSuite *suite, const IkeSecret *shared, guint64 spi_r)
{
  const IkeMaterial *material = &parent->nego->material;
  IkeKeyInput input = { .spi_i = parent->spi_i, .spi_r = spi_r };

  input.ni = g_bytes_get_data (material->ni, &input.ni_len);
  input.nr = g_bytes_get_data (material->nr, &input.nr_len);
  return ike_keys_derive (ret, parent->core->crypto, suite, shared, &input);
}

void
ike_init_set_nat (IkeParent *parent, const IkeNatd *natd)
{
  parent->nat_here = natd->nat_here;
  parent->nat_there = natd->nat_there;
  /* RFC 9329 section 6.5: a NAT changes nothing for what goes by TCP. What we pretend is the other end's reason, and so it
   * must be ours. */
  parent->encap = natd->supported && !ike_stream_is (&parent->path) &&
                  (natd->nat_here || natd->nat_there || ike_parent_config (parent)->encap == IKE_ENCAP_ALWAYS);
}

void
ike_init_say_suite (const IkeParent *parent, const IkeNatd *natd)
{
  g_autofree char *suite = NULL;

  if (parent->core->log_level < IKE_LOG_DEBUG)
    return;
  suite = ike_suite_to_string (&parent->nego->material.suite);
  ike_parent_log (parent, IKE_LOG_DEBUG, "proposal", "%s%s%s", suite, natd->nat_here ? ", NAT here" : "",
                  natd->nat_there ? ", NAT there" : "");
}
