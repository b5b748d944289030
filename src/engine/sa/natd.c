/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAT detection: RFC 7296 section 2.23. Owns nothing. */
#include "sa/natd.h"

#define ENDS_MAX (2 * 16 + 2 * 2) /* two addresses and ports */

gboolean
ike_natd_hash (const IkeCrypto *crypto, guint64 spi_i, guint64 spi_r, const IkeEndpoint *endpoint,
               guint8 ret[IKE_NATD_LEN])
{
  guint64 spis[2] = { GUINT64_TO_BE (spi_i), GUINT64_TO_BE (spi_r) };
  guint16 port = GUINT16_TO_BE (endpoint->port);
  gsize len = endpoint->address.family == IKE_FAMILY_IP4 ? 4 : 16;
  IkeChunk parts[] = {
    ike_chunk (spis, sizeof spis),
    ike_chunk (endpoint->address.bytes, len),
    ike_chunk (&port, sizeof port),
  };

  return crypto->hash (crypto, IKE_HASH_SHA1, parts, G_N_ELEMENTS (parts), ret);
}

gboolean
ike_natd_write (IkeBuilder *builder, const IkeCrypto *crypto, guint64 spi_i, guint64 spi_r, const IkePath *path,
                IkeEncap encap)
{
  const IkeEndpoint nowhere = { .address.family = path->local.address.family };
  guint8 source[IKE_NATD_LEN], destination[IKE_NATD_LEN];

  if (encap == IKE_ENCAP_NEVER)
    return TRUE;
  /* section 2.6: with a cookie it must be the same again, so that it is not random */
  if (!ike_natd_hash (crypto, spi_i, spi_r, encap == IKE_ENCAP_ALWAYS ? &nowhere : &path->local, source) ||
      !ike_natd_hash (crypto, spi_i, spi_r, &path->remote, destination))
    return FALSE;
  ike_builder_notify (builder, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, ike_chunk (source, sizeof source));
  ike_builder_notify (builder, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, ike_chunk (destination, sizeof destination));
  return TRUE;
}

IkeEncap
ike_natd_honest (IkeEncap encap)
{
  return encap == IKE_ENCAP_ALWAYS ? IKE_ENCAP_DETECT : encap;
}

/* RFC 7296 section 2.23: there may be several SOURCE notifications, for a peer that does not know its address. */
static gboolean
any_equals (const IkePayloads *payloads, IkeNotifyType type, const guint8 *hash, gboolean *ret_any)
{
  guint index = 0;
  IkeNotify notify;
  gboolean equal = FALSE;

  while (ike_notify_next (payloads, (guint16) type, &index, &notify))
    {
      *ret_any = TRUE;
      if (ike_chunk_equal (notify.data, ike_chunk (hash, IKE_NATD_LEN)))
        equal = TRUE;
    }
  return equal;
}

IkeNatd
ike_natd_check (const IkePayloads *payloads, const IkeCrypto *crypto, guint64 spi_i, guint64 spi_r, const IkePath *path,
                IkeEncap encap)
{
  IkeNatd natd = { 0 };
  guint8 theirs[IKE_NATD_LEN], ours[IKE_NATD_LEN];
  gboolean source = FALSE, destination = FALSE, source_equal, destination_equal;

  if (encap == IKE_ENCAP_NEVER || !ike_natd_hash (crypto, spi_i, spi_r, &path->remote, theirs) ||
      !ike_natd_hash (crypto, spi_i, spi_r, &path->local, ours))
    return natd;
  source_equal = any_equals (payloads, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, theirs, &source);
  destination_equal = any_equals (payloads, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, ours, &destination);
  natd.supported = source && destination;
  if (!natd.supported)
    return natd;
  natd.nat_there = !source_equal;
  natd.nat_here = !destination_equal;
  return natd;
}

/* RFC 4555 section 3.9: of a message, by who sends it or by who got it. */
static void
write_ends (IkeWriter *writer, const IkeEndpoint *source, const IkeEndpoint *destination)
{
  ike_write_chunk (writer, ike_address_chunk (&source->address));
  ike_write_chunk (writer, ike_address_chunk (&destination->address));
  ike_write_u16 (writer, source->port);
  ike_write_u16 (writer, destination->port);
}

void
ike_natd_forbid (IkeBuilder *builder, const IkePath *path, IkeEncap encap)
{
  g_auto (IkeWriter) ends = IKE_WRITER (ENDS_MAX);

  if (encap != IKE_ENCAP_NEVER || path->transport == IKE_TRANSPORT_TCP)
    return;
  write_ends (&ends, &path->local, &path->remote);
  ike_builder_notify (builder, IKE_NOTIFY_NO_NATS_ALLOWED, ike_writer_chunk (&ends));
}

gboolean
ike_natd_is_unexpected (const IkePayloads *payloads, const IkePath *path)
{
  g_auto (IkeWriter) seen = IKE_WRITER (ENDS_MAX);
  IkeNotify notify;

  /* RFC 9329 section 7.1: by TCP it says nothing */
  if (path->transport == IKE_TRANSPORT_TCP || !ike_notify_find (payloads, IKE_NOTIFY_NO_NATS_ALLOWED, &notify))
    return FALSE;
  write_ends (&seen, &path->remote, &path->local);
  return !ike_chunk_equal (notify.data, ike_writer_chunk (&seen));
}
