/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One certificate. NSS's templates decode it, but it stays outside of NSS's store, where two certificates of the same
 * issuer and serial number cannot live (home-made authorities have such). The parts that decide about trust, the key
 * and the names, are read once more by our own cursor; what either cannot read is refused as a whole.
 * RFC 5280 section 4, RFC 4945 section 5.1.
 */
#include "nss-cert.h"
#include "nss-cert-private.h"
#include "nss-name.h"

#include <pk11pub.h>
#include <prerror.h>
#include <secasn1.h>
#include <secerr.h>
#include <secoid.h>

#include <string.h>

#define CERT_MAX_NAMES 256 /* SubjectAltNames */

G_DEFINE_QUARK (nss_cert_error, nss_cert_error)

struct _NssCert {
  gatomicrefcount refs;
  GBytes *der, *subject, *issuer;
  PLArenaPool *arena;
  CERTCertificate *nss; /* in the arena; only its decoded fields are there */
  NssSpki spki; /* borrows from nss */
  gint64 not_before, not_after;
  GPtrArray *alt_names; /* IkeIdentity; NULL: there is no SubjectAltName */
};

char *
nss_error_text (void)
{
  PRErrorCode code = PORT_GetError ();
  const char *name = PR_ErrorToName (code);
  const char *text = PR_ErrorToString (code, PR_LANGUAGE_I_DEFAULT);

  return g_strdup_printf ("%s: %s", name ? name : "unknown error", text ? text : "no description");
}

static gboolean
set_bad (GError **error, const char *what)
{
  g_set_error (error, NSS_CERT_ERROR, NSS_CERT_ERROR_BAD, "%s", what);
  return FALSE;
}

/* ---- reading ---- */

static IkeIdType
general_name_type (guint8 tag, gsize len)
{
  switch (tag)
    {
    case NSS_DER_CONTEXT (1):
      return IKE_ID_RFC822_ADDR;
    case NSS_DER_CONTEXT (2):
      return IKE_ID_FQDN;
    case NSS_DER_CONTEXT (7):
      /* RFC 4945 section 5.1.3.6.2: an address, never a range. */
      return len == 4 ? IKE_ID_IPV4_ADDR : len == 16 ? IKE_ID_IPV6_ADDR : (IkeIdType) 0;
    default:
      return (IkeIdType) 0;
    }
}

/* Names of other kinds are passed over; so is text that holds a NUL, which no identity can have. */
static gboolean
cert_read_alt_name (NssCert *self, NssDer *names)
{
  guint8 tag = nss_der_peek (names);
  NssDer value = nss_der_enter (names, tag);
  IkeIdType type = general_name_type (tag, value.len);

  if (names->bad || self->alt_names->len == CERT_MAX_NAMES)
    return FALSE;
  if ((type == IKE_ID_FQDN || type == IKE_ID_RFC822_ADDR) && memchr (value.data, 0, value.len) != NULL)
    type = (IkeIdType) 0;
  if (type != (IkeIdType) 0 && value.len > 0)
    g_ptr_array_add (self->alt_names, ike_identity_new (type, value.data, value.len));
  return TRUE;
}

static gboolean
cert_read_alt_names (NssCert *self)
{
  SECItem item = { siBuffer, NULL, 0 };
  NssDer in, names;

  if (CERT_FindCertExtension (self->nss, SEC_OID_X509_SUBJECT_ALT_NAME, &item) != SECSuccess)
    return PORT_GetError () == SEC_ERROR_EXTENSION_NOT_FOUND;
  self->alt_names = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_identity_free);
  in = nss_der (item.data, item.len);
  names = nss_der_enter (&in, NSS_DER_SEQUENCE);
  while (!names.bad && names.len > 0)
    if (!cert_read_alt_name (self, &names))
      names.bad = TRUE;
  SECITEM_FreeItem (&item, PR_FALSE);
  return nss_der_done (&in) && nss_der_done (&names);
}

/* RFC 5280 section 4.2: no extension may appear twice: a checker that looks at the first could be told another story
 * than one that looks at the last. */
static gboolean
cert_extensions_unique (const NssCert *self)
{
  CERTCertExtension **extensions = self->nss->extensions;

  for (guint i = 0; extensions != NULL && extensions[i] != NULL; i++)
    for (guint k = 0; k < i; k++)
      if (SECITEM_ItemsAreEqual (&extensions[i]->id, &extensions[k]->id))
        return FALSE;
  return TRUE;
}

static gboolean
cert_read (NssCert *self, GError **error)
{
  const SECItem *key = &self->nss->derPublicKey;
  PRTime from, to;

  if (CERT_GetCertTimes (self->nss, &from, &to) != SECSuccess)
    return set_bad (error, "The certificate's dates cannot be read.");
  /* Floor, also before 1970. */
  self->not_before = (from - (from < 0 ? PR_USEC_PER_SEC - 1 : 0)) / PR_USEC_PER_SEC;
  self->not_after = (to - (to < 0 ? PR_USEC_PER_SEC - 1 : 0)) / PR_USEC_PER_SEC;
  self->subject = g_bytes_new (self->nss->derSubject.data, self->nss->derSubject.len);
  self->issuer = g_bytes_new (self->nss->derIssuer.data, self->nss->derIssuer.len);
  if (!nss_name_equal (self->subject, self->subject) || !nss_name_equal (self->issuer, self->issuer))
    return set_bad (error, "The certificate's subject or issuer is malformed.");
  if (!cert_extensions_unique (self))
    return set_bad (error, "The certificate has an extension twice.");
  if (!nss_spki_parse (nss_der (key->data, key->len), &self->spki))
    return set_bad (error, "The certificate's public key is invalid.");
  if (!cert_read_alt_names (self))
    return set_bad (error, "The certificate's alternative names are malformed.");
  return TRUE;
}

/* Certificate ::= SEQUENCE { SEQUENCE, SEQUENCE, BIT STRING }, and no octet more: NSS would pass over what follows. */
static gboolean
der_is_certificate (GBytes *der)
{
  NssDer in = nss_der_bytes (der);
  NssDer certificate = nss_der_enter (&in, NSS_DER_SEQUENCE);

  nss_der_enter (&certificate, NSS_DER_SEQUENCE);
  nss_der_enter (&certificate, NSS_DER_SEQUENCE);
  nss_der_bit_string (&certificate);
  return nss_der_done (&certificate) && nss_der_done (&in);
}

static gboolean
cert_decode (NssCert *self)
{
  SECItem item = { siBuffer, (unsigned char *) g_bytes_get_data (self->der, NULL),
                   (unsigned int) g_bytes_get_size (self->der) };
  SECItem *copy;

  self->arena = PORT_NewArena (DER_DEFAULT_CHUNKSIZE);
  if (self->arena == NULL)
    return FALSE;
  self->nss = PORT_ArenaZAlloc (self->arena, sizeof *self->nss);
  /* The decoded fields borrow from the copy. */
  copy = SECITEM_ArenaDupItem (self->arena, &item);
  if (self->nss == NULL || copy == NULL)
    return FALSE;
  self->nss->arena = self->arena;
  self->nss->derCert = *copy;
  return SEC_QuickDERDecodeItem (self->arena, self->nss, SEC_ASN1_GET (SEC_SignedCertificateTemplate), copy) ==
         SECSuccess;
}

NssCert *
nss_cert_new (GBytes *der, GError **error)
{
  g_autoptr (NssCert) self = NULL;

  if (g_bytes_get_size (der) > NSS_CERT_MAX_SIZE)
    {
      g_set_error (error, NSS_CERT_ERROR, NSS_CERT_ERROR_BAD, "The certificate is longer than %u octets.",
                   NSS_CERT_MAX_SIZE);
      return NULL;
    }
  if (!der_is_certificate (der))
    {
      set_bad (error, "This is not an X.509 certificate.");
      return NULL;
    }
  self = g_new0 (NssCert, 1);
  g_atomic_ref_count_init (&self->refs);
  self->der = g_bytes_ref (der);
  if (!cert_decode (self))
    {
      g_autofree char *text = nss_error_text ();

      g_set_error (error, NSS_CERT_ERROR, NSS_CERT_ERROR_BAD, "The certificate cannot be read (%s).", text);
      return NULL;
    }
  return cert_read (self, error) ? g_steal_pointer (&self) : NULL;
}

NssCert *
nss_cert_ref (NssCert *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
nss_cert_unref (NssCert *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->arena != NULL)
    PORT_FreeArena (self->arena, PR_FALSE);
  g_clear_pointer (&self->alt_names, g_ptr_array_unref);
  g_clear_pointer (&self->subject, g_bytes_unref);
  g_clear_pointer (&self->issuer, g_bytes_unref);
  g_bytes_unref (self->der);
  g_free (self);
}

/* ---- facts ---- */

CERTCertificate *
nss_cert_nss (const NssCert *self)
{
  return self->nss;
}

const NssSpki *
nss_cert_spki (const NssCert *self)
{
  return &self->spki;
}

GBytes *
nss_cert_der (const NssCert *self)
{
  return self->der;
}

GBytes *
nss_cert_subject_der (const NssCert *self)
{
  return self->subject;
}

GBytes *
nss_cert_issuer_der (const NssCert *self)
{
  return self->issuer;
}

gint64
nss_cert_not_before (const NssCert *self)
{
  return self->not_before;
}

gint64
nss_cert_not_after (const NssCert *self)
{
  return self->not_after;
}

char *
nss_time_to_string (gint64 time)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_utc (time);

  return when != NULL ? g_date_time_format (when, "%Y-%m-%d %H:%M UTC") : g_strdup ("a date that cannot be written");
}

gboolean
nss_cert_expires_within (const NssCert *self, gint64 now, guint days)
{
  return self->not_after - now < (gint64) days * 86400;
}

IkeKeyType
nss_cert_key_type (const NssCert *self, guint *ret_bits)
{
  if (ret_bits != NULL)
    *ret_bits = self->spki.bits;
  return self->spki.type;
}

GBytes *
nss_cert_public_key (const NssCert *self)
{
  return g_bytes_new (self->nss->derPublicKey.data, self->nss->derPublicKey.len);
}

gboolean
nss_cert_basic_constraints (const NssCert *self, CERTBasicConstraints *ret)
{
  SECItem item = { siBuffer, NULL, 0 };
  gboolean ok;

  if (CERT_FindCertExtension (self->nss, SEC_OID_X509_BASIC_CONSTRAINTS, &item) != SECSuccess)
    return FALSE;
  ok = CERT_DecodeBasicConstraintValue (ret, &item) == SECSuccess;
  SECITEM_FreeItem (&item, PR_FALSE);
  return ok;
}

gboolean
nss_cert_is_ca (const NssCert *self)
{
  CERTBasicConstraints constraints;

  return nss_cert_basic_constraints (self, &constraints) && constraints.isCA;
}

GBytes *
nss_cert_ca_hashes (GPtrArray *cas)
{
  g_autoptr (GByteArray) hashes = g_byte_array_new ();

  for (guint i = 0; i < cas->len; i++)
    {
      g_autoptr (NssCert) ca = nss_cert_new (cas->pdata[i], NULL);
      guint8 hash[20];

      if (ca != NULL && PK11_HashBuf (SEC_OID_SHA1, hash, ca->nss->derPublicKey.data,
                                      (PRInt32) ca->nss->derPublicKey.len) == SECSuccess)
        g_byte_array_append (hashes, hash, sizeof hash);
    }
  return hashes->len > 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&hashes)) : NULL;
}

/* ---- for people ---- */

static char *
name_or_nothing (GBytes *name)
{
  char *text = nss_name_to_string (name);

  if (text != NULL && *text == '\0')
    g_clear_pointer (&text, g_free);
  return text != NULL ? text : g_strdup ("(no name)");
}

char *
nss_cert_subject (const NssCert *self)
{
  return name_or_nothing (self->subject);
}

char *
nss_cert_issuer (const NssCert *self)
{
  return name_or_nothing (self->issuer);
}

char *
nss_cert_summary (const NssCert *self)
{
  g_autofree char *subject = nss_cert_subject (self);
  g_autofree char *issuer = nss_cert_issuer (self);
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_utc (self->not_after);
  g_autofree char *date = end != NULL ? g_date_time_format (end, "%Y-%m-%d") : NULL;

  return g_strdup_printf ("%s, issued by %s, valid until %s", subject, issuer, date != NULL ? date : "for ever");
}

/* ---- identities ---- */

IkeIdentity *
nss_cert_subject_identity (const NssCert *self)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (self->subject, &len);

  /* An empty Name is 30 00: RFC 4945 section 5.1.2.1. */
  return len > 2 ? ike_identity_new (IKE_ID_DER_ASN1_DN, data, len) : NULL;
}

GPtrArray *
nss_cert_identities (const NssCert *self)
{
  GPtrArray *identities = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_identity_free);
  IkeIdentity *subject = nss_cert_subject_identity (self);

  for (guint i = 0; self->alt_names != NULL && i < self->alt_names->len; i++)
    g_ptr_array_add (identities, ike_identity_copy (self->alt_names->pdata[i]));
  if (subject != NULL)
    g_ptr_array_add (identities, subject);
  return identities;
}

/* The old way to name a host; only a certificate without SubjectAltName may do so (RFC 6125 section 6.4.4 speaks of
 * the same last resort). */
static gboolean
cert_common_name_is (const NssCert *self, const IkeIdentity *identity)
{
  g_autofree char *name = self->alt_names == NULL ? nss_name_common_name (self->subject) : NULL;
  g_autoptr (IkeIdentity) host = name != NULL ? ike_identity_new (IKE_ID_FQDN, name, strlen (name)) : NULL;

  return host != NULL && nss_identity_equal (host, identity);
}

gboolean
nss_cert_has_identity (const NssCert *self, const IkeIdentity *identity)
{
  g_autoptr (GPtrArray) identities = NULL;
  gsize len;
  const guint8 *data = g_bytes_get_data (identity->data, &len);

  if (len == 0 || (identity->type == IKE_ID_DER_ASN1_DN && len <= 2))
    return FALSE;
  if ((identity->type == IKE_ID_FQDN || identity->type == IKE_ID_RFC822_ADDR) && memchr (data, 0, len) != NULL)
    return FALSE;
  identities = nss_cert_identities (self);
  for (guint i = 0; i < identities->len; i++)
    if (nss_identity_equal (identities->pdata[i], identity))
      return TRUE;
  return identity->type == IKE_ID_FQDN && cert_common_name_is (self, identity);
}

char *
nss_cert_identities_string (const NssCert *self)
{
  g_autoptr (GPtrArray) identities = nss_cert_identities (self);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < identities->len; i++)
    {
      g_autofree char *text = nss_identity_to_string (identities->pdata[i]);

      g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", text);
    }
  if (out->len == 0)
    g_string_append (out, "(no names)");
  return g_string_free (out, FALSE);
}
