/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw public keys: RFC 3110 section 2, RFC 6605 section 4, RFC 8080 section 3, RFC 5280 section 4.1.2.7, RFC 7468. DNS has
 * nothing for ML-DSA: that is a SubjectPublicKeyInfo wherever it stands. */
#include "nss-raw-key.h"
#include "nss-pem.h"
#include "nss-sign.h"
#include "nss-spki.h"

#include <pk11pub.h>

#include <string.h>

#define RAW_MIN_RSA_BITS 2048

G_DEFINE_QUARK (nss_raw_key_error, nss_raw_key_error)

static gboolean
set_error (GError **error, NssRawKeyError code, const char *text)
{
  g_set_error_literal (error, NSS_RAW_KEY_ERROR, (gint) code, text);
  return FALSE;
}

/* ---- in ---- */

/* RFC 3110 section 2: the exponent's length in one octet, or 0 and two octets; exponent; modulus. */
static GBytes *
from_rsa (const guint8 *data, gsize len)
{
  g_autoptr (GByteArray) body = g_byte_array_new (), key = g_byte_array_new ();
  gsize exponent = 0, at = 1;

  if (len > 3 && data[0] != 0)
    exponent = data[0];
  else if (len > 3)
    {
      exponent = (gsize) data[1] << 8 | data[2];
      at = 3;
    }
  if (exponent == 0 || exponent >= len - at)
    return NULL;
  nss_der_put_big (body, data + at + exponent, len - at - exponent);
  nss_der_put_big (body, data + at, exponent);
  nss_der_put (key, NSS_DER_SEQUENCE, body->data, body->len);
  return nss_spki_new (IKE_KEY_RSA, key->data, key->len);
}

/* A point has the length of its curve; an RSA key of such a length would be one of 1024 bits at most, which nobody wants,
 * and then begins with the length of its exponent, where the point of P-521 has at most one bit. */
static GBytes *
from_point (const guint8 *data, gsize len)
{
  static const IkeKeyType curves[] = { IKE_KEY_P256, IKE_KEY_P384, IKE_KEY_P521 };
  guint8 point[1 + 2 * 66] = { 4 };

  if (len == 32)
    return nss_spki_new (IKE_KEY_ED25519, data, len);
  for (guint i = 0; i < G_N_ELEMENTS (curves); i++)
    {
      gsize size = 2 * nss_curve_size (curves[i]);

      if (len == size + 1 && data[0] == 4)
        return nss_spki_new (curves[i], data, len);
      if (len != size || (curves[i] == IKE_KEY_P521 && data[0] > 1))
        continue;
      memcpy (point + 1, data, len);
      return nss_spki_new (curves[i], point, len + 1);
    }
  return NULL;
}

static gboolean
is_fit (GBytes *spki, GError **error)
{
  NssSpki key;

  if (!nss_spki_parse (nss_der_bytes (spki), &key) || key.type == IKE_KEY_NONE)
    return set_error (error, NSS_RAW_KEY_ERROR_BAD, "is no public key of a known kind (RSA, ECDSA, Ed25519, ML-DSA)");
  /* 521 bits are one in the first of 66 octets; elsewhere NSS finds out, when a signature is verified */
  if (key.type == IKE_KEY_P521 && (key.point.data[1] > 1 || key.point.data[67] > 1))
    return set_error (error, NSS_RAW_KEY_ERROR_BAD, "is no point of its curve");
  if (key.type == IKE_KEY_RSA && (key.bits < RAW_MIN_RSA_BITS || key.bits > NSS_SIGN_MAX_RSA_BITS))
    return set_error (error, NSS_RAW_KEY_ERROR_WEAK,
                      key.bits < RAW_MIN_RSA_BITS ? "is too weak: an RSA key needs 2048 bits or more"
                                                  : "is too large: an RSA key has 16384 bits at most");
  return TRUE;
}

GBytes *
nss_raw_key_from_octets (GBytes *octets, GError **error)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (octets, &len);
  NssDer der = nss_der_bytes (octets);
  NssSpki whole;
  g_autoptr (GBytes) spki = NULL;

  if (len == 0 || len > NSS_RAW_KEY_MAX_SIZE)
    {
      set_error (error, NSS_RAW_KEY_ERROR_BAD, "has an impossible length");
      return NULL;
    }
  if (nss_spki_parse (der, &whole))
    spki = g_bytes_ref (octets);
  if (spki == NULL)
    spki = from_point (data, len);
  if (spki == NULL)
    spki = from_rsa (data, len);
  if (spki == NULL)
    set_error (error, NSS_RAW_KEY_ERROR_BAD, "is no public key of a known kind (RSA, ECDSA, Ed25519, ML-DSA)");
  return spki != NULL && is_fit (spki, error) ? g_steal_pointer (&spki) : NULL;
}

GBytes *
nss_raw_key_from_file (GBytes *file, GError **error)
{
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (GBytes) spki = NULL;
  g_autofree char *problem = NULL;
  NssSpki whole;

  if (nss_pem_is (file))
    blocks = nss_pem_parse (file, &problem);
  for (guint i = 0; blocks != NULL && spki == NULL && i < blocks->len; i++)
    {
      const NssPemBlock *block = blocks->pdata[i];

      if (strcmp (block->label, "PUBLIC KEY") == 0)
        spki = g_bytes_new (ike_secret_data (block->data), ike_secret_len (block->data));
    }
  if (spki == NULL && nss_spki_parse (nss_der_bytes (file), &whole))
    spki = g_bytes_ref (file);
  return spki != NULL && is_fit (spki, error) ? g_steal_pointer (&spki) : NULL;
}

gboolean
nss_raw_key_verifies (GBytes *spki, GError **error)
{
  NssSpki key;

  return (nss_spki_parse (nss_der_bytes (spki), &key) && nss_sign_does (key.type)) ||
         set_error (error, NSS_RAW_KEY_ERROR_BAD, "is of a kind that this machine's NSS cannot verify");
}

/* ---- out ---- */

static void
append_rsa (GByteArray *out, const NssSpki *key)
{
  /* SPKI_MAX_EXPONENT: one octet suffices for the length */
  const guint8 len = (guint8) key->exponent.len;

  g_byte_array_append (out, &len, 1);
  g_byte_array_append (out, key->exponent.data, len);
  g_byte_array_append (out, key->modulus.data, (guint) key->modulus.len);
}

char *
nss_raw_key_to_text (GBytes *spki)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *base64 = NULL;
  NssSpki key;

  if (!nss_spki_parse (nss_der_bytes (spki), &key) || key.type == IKE_KEY_NONE)
    return NULL;
  if (key.type == IKE_KEY_RSA)
    append_rsa (out, &key);
  else if (key.type == IKE_KEY_ED25519)
    g_byte_array_append (out, key.point.data, (guint) key.point.len);
  else if (nss_octet_key (key.type) != NULL)
    g_byte_array_append (out, g_bytes_get_data (spki, NULL), (guint) g_bytes_get_size (spki));
  else
    g_byte_array_append (out, key.point.data + 1, (guint) key.point.len - 1);
  base64 = g_base64_encode (out->data, out->len);
  return g_strconcat ("0s", base64, NULL);
}

char *
nss_raw_key_to_pem (GBytes *spki)
{
  return nss_pem_write ("PUBLIC KEY", spki);
}

char *
nss_raw_key_ckaid (GBytes *spki)
{
  NssSpki key;
  SECItem item = { siBuffer, NULL, 0 };
  SECItem *id;
  GString *out;

  if (!nss_spki_parse (nss_der_bytes (spki), &key) || key.type == IKE_KEY_NONE)
    return NULL;
  item.data = (unsigned char *) (key.type == IKE_KEY_RSA ? key.modulus.data : key.point.data);
  item.len = (unsigned int) (key.type == IKE_KEY_RSA ? key.modulus.len : key.point.len);
  id = PK11_MakeIDFromPubKey (&item);
  if (id == NULL)
    return NULL;
  out = g_string_new (NULL);
  for (guint i = 0; i < id->len; i++)
    g_string_append_printf (out, "%02x", id->data[i]);
  SECITEM_FreeItem (id, PR_TRUE);
  return g_string_free (out, FALSE);
}

char *
nss_raw_key_describe (GBytes *spki)
{
  NssSpki key;

  return nss_spki_parse (nss_der_bytes (spki), &key) ? nss_spki_describe (&key) : NULL;
}

const char *
nss_raw_key_word (GBytes *spki)
{
  NssSpki key;

  if (!nss_spki_parse (nss_der_bytes (spki), &key))
    return NULL;
  return key.type == IKE_KEY_RSA            ? "rsasigkey"
         : key.type == IKE_KEY_ED25519      ? "eddsakey"
         : nss_octet_key (key.type) != NULL ? "pubkey"
                                            : "ecdsakey";
}
