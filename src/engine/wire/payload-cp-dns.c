/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. RFC 8598 section 4.2, RFC 9464 section 3.1, RFC 9460 section 2.2, RFC 9461 section 5. */
#include "wire/payload-cp-dns.h"

#include "base/reader.h"
#include "base/text.h"

#define MAX_PROTOCOLS 8 /* of one resolver */
#define MAX_PROTOCOL 32 /* octets of a name: "h2", "h3", "dot", "doq" */
#define MAX_PATH 255
#define MAX_KEYS 16

/* RFC 9460 section 14.3.2 */
enum {
  KEY_MANDATORY = 0,
  KEY_ALPN = 1,
  KEY_NO_DEFAULT_ALPN = 2,
  KEY_PORT = 3,
  KEY_IP4HINT = 4,
  KEY_IP6HINT = 6,
  KEY_DOHPATH = 7
};

/* ---- trust anchors ---- */

/* Digits of a digest by the numbers of its type (RFC 4034 appendix A.2, RFC 4509, RFC 6605); 0: nobody knows it. */
static gsize
digest_digits (guint8 type)
{
  return type == 1 ? 40 : type == 2 ? 64 : type == 4 ? 96 : 0;
}

/*
 * |        DNSKEY Key Tag         |  DNSKEY Alg   |  Digest Type  |
 * ~                         Digest Data                           ~
 */
char *
ike_cp_attr_trust_anchor (const IkeCpAttr *attr)
{
  IkeReader reader = ike_reader (attr->value);
  guint16 tag = ike_read_u16 (&reader);
  guint8 algorithm = ike_read_u8 (&reader), type = ike_read_u8 (&reader);
  IkeChunk digest = ike_read_rest (&reader);
  g_autofree char *text = NULL;

  if (attr->type != IKE_CP_ATTR_INTERNAL_DNSSEC_TA || !ike_reader_done (&reader) || !digest.len ||
      digest.len != digest_digits (type))
    return NULL;
  /* in presentation format: hexadecimal digits */
  for (gsize i = 0; i < digest.len; i++)
    if (!g_ascii_isxdigit (digest.data[i]))
      return NULL;
  text = g_ascii_strup ((const char *) digest.data, (gssize) digest.len);
  return g_strdup_printf ("%u %u %u %s", tag, algorithm, type, text);
}

/* ---- encrypted resolvers ---- */

static gboolean
read_addresses (IkeReader *reader, guint8 n, gsize len, IkeResolver *resolver)
{
  for (guint i = 0; i < n; i++)
    {
      IkeChunk octets = ike_read_chunk (reader, len);
      IkeAddress address;

      if (!ike_reader_ok (reader))
        return FALSE;
      address = ike_address_from_chunk (octets);
      if (resolver->addresses->len < IKE_MAX_RESOLVER_ADDRESSES)
        g_array_append_val (resolver->addresses, address);
    }
  return TRUE;
}

static gboolean
read_protocols (IkeReader *value, IkeResolver *resolver)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  while (ike_reader_left (value) > 0)
    {
      guint8 len = ike_read_u8 (value);
      IkeChunk name = ike_read_chunk (value, len);

      if (!ike_reader_ok (value) || !len || len > MAX_PROTOCOL || ++n > MAX_PROTOCOLS)
        return FALSE;
      for (gsize i = 0; i < name.len; i++)
        if (!g_ascii_isalnum (name.data[i]) && (!name.data[i] || !strchr ("-./", name.data[i])))
          return FALSE;
      g_string_append_printf (text, "%s%.*s", text->len ? "," : "", (int) name.len, (const char *) name.data);
    }
  if (!n)
    return FALSE;
  resolver->protocols = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

/* Keys that must be understood: in order, none twice (RFC 9460 section 8). */
static gboolean
read_mandatory (IkeReader *value)
{
  guint16 before = 0;
  guint n = 0;

  while (ike_reader_left (value) > 0)
    {
      guint16 key = ike_read_u16 (value);

      if (!ike_reader_ok (value) || key <= before || ++n > MAX_KEYS)
        return FALSE;
      if (key != KEY_ALPN && key != KEY_NO_DEFAULT_ALPN && key != KEY_PORT && key != KEY_DOHPATH)
        return FALSE;
      before = key;
    }
  return n > 0;
}

static gboolean
read_path (IkeReader *value, IkeResolver *resolver)
{
  IkeChunk path = ike_read_rest (value);

  /* RFC 9461 section 5: a template, relative, that has the variable "dns" */
  if (path.len < 2 || path.len > MAX_PATH || path.data[0] != '/' || !ike_text_is_clean (path.data, path.len, FALSE))
    return FALSE;
  resolver->path = g_strndup ((const char *) path.data, path.len);
  return TRUE;
}

static gboolean
read_parameter (guint16 key, IkeReader *value, IkeResolver *resolver)
{
  switch (key)
    {
    case KEY_MANDATORY:
      return read_mandatory (value);
    case KEY_ALPN:
      return read_protocols (value, resolver);
    case KEY_NO_DEFAULT_ALPN:
      return ike_reader_left (value) == 0;
    case KEY_PORT:
      resolver->port = ike_read_u16 (value);
      return ike_reader_done (value) && resolver->port != 0;
    case KEY_DOHPATH:
      return read_path (value, resolver);
    case KEY_IP4HINT:
    case KEY_IP6HINT:
      return FALSE; /* RFC 9464 section 3.1: the addresses are before */
    default:
      return TRUE;
    }
}

static gboolean
read_parameters (IkeReader *reader, IkeResolver *resolver)
{
  gint before = -1;

  while (ike_reader_left (reader) > 0)
    {
      guint16 key = ike_read_u16 (reader);
      IkeReader value = ike_read_sub (reader, ike_read_u16 (reader));

      /* RFC 9460 section 2.2: in order, none twice */
      if (!ike_reader_ok (reader) || key <= before || !read_parameter (key, &value, resolver))
        return FALSE;
      before = key;
    }
  return ike_reader_done (reader);
}

/*
 * |       Service Priority        | Num Addresses |  ADN Length   |
 * ~                         IP Address(es)                        ~
 * ~                   Authentication Domain Name                  ~
 * ~                 Service Parameters (SvcParams)                ~
 */
IkeResolver *
ike_cp_attr_resolver (const IkeCpAttr *attr)
{
  IkeReader reader = ike_reader (attr->value);
  guint16 priority = ike_read_u16 (&reader);
  guint8 n = ike_read_u8 (&reader), name_len = ike_read_u8 (&reader);
  g_autoptr (IkeResolver) resolver = ike_resolver_new ();
  IkeChunk name;

  if (attr->type != IKE_CP_ATTR_ENCDNS_IP4 && attr->type != IKE_CP_ATTR_ENCDNS_IP6)
    return NULL;
  resolver->priority = priority;
  if (!read_addresses (&reader, n, attr->type == IKE_CP_ATTR_ENCDNS_IP4 ? 4 : 16, resolver))
    return NULL;
  name = ike_read_chunk (&reader, name_len);
  if (!ike_reader_ok (&reader) || !name.len || !ike_text_is_clean (name.data, name.len, FALSE))
    return NULL;
  resolver->name = g_strndup ((const char *) name.data, name.len);
  /* RFC 9460 section 2.4.2: an alias has neither addresses nor parameters; a service has addresses */
  if (priority == 0 ? n != 0 || ike_reader_left (&reader) != 0 : n == 0)
    return NULL;
  return read_parameters (&reader, resolver) ? g_steal_pointer (&resolver) : NULL;
}

char *
ike_resolver_to_string (const IkeResolver *resolver)
{
  GString *text = g_string_new (resolver->name);

  for (guint i = 0; i < resolver->addresses->len; i++)
    {
      g_autofree char *address = ike_address_to_string (&g_array_index (resolver->addresses, IkeAddress, i));

      g_string_append_printf (text, "%s%s", i ? ", " : " (", address);
    }
  if (resolver->addresses->len)
    g_string_append_c (text, ')');
  if (resolver->protocols)
    g_string_append_printf (text, " by %s", resolver->protocols);
  if (resolver->port)
    g_string_append_printf (text, " on port %u", resolver->port);
  if (resolver->path)
    g_string_append_printf (text, " at %s", resolver->path);
  return g_string_free (text, FALSE);
}
