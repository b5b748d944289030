/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The token, as small as NSS lets it be: PKCS #11 (2.40), read only, without a PIN, and without a function that NSS does
 * not call for a key that signs. Called by NSS alone, whose arguments are taken as they are; what is signed is not.
 */
#include "nss-remote-key.h"

#include "nss-cert-private.h"
#include "nss-crypto.h"
#include "nss-key-private.h"
#include "nss-spki.h"

#include "crypto/suites.h"

#include <pk11pub.h>
#include <pkcs11.h>
#include <secmod.h>

#include <string.h>

#define SLOT 1
#define MAX_SESSIONS 32
#define MAX_ATTRIBUTES 12
#define TOKEN_NAME "nm-ipsec-elsewhere"

typedef struct {
  gboolean open, found; /* the search has told of the key */
  gboolean searching_key;
  CK_MECHANISM_TYPE mechanism;
  IkeHashId hash; /* PSS */
} Session;

typedef struct {
  CK_ATTRIBUTE_TYPE type;
  const void *data;
  gsize len;
} Attribute;

static struct {
  NssRemoteSign sign;
  gpointer data;
  GBytes *public_key;
  GByteArray *curve, *point; /* DER */
  NssSpki spki; /* borrows from it */
  gboolean does_pss;
  CK_OBJECT_HANDLE handle; /* another for each key: NSS remembers what it has read */
  Session sessions[MAX_SESSIONS];
} token;

/* RFC 8017 section 9.2, note 1: all of the DigestInfo but the digest. */
static const struct {
  IkeHashId hash;
  CK_MECHANISM_TYPE mechanism;
  CK_RSA_PKCS_MGF_TYPE mgf;
  guint8 prefix[19];
} hashes[] = {
  { IKE_HASH_SHA2_256,
    CKM_SHA256,
    CKG_MGF1_SHA256,
    { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
      0x20 } },
  { IKE_HASH_SHA2_384,
    CKM_SHA384,
    CKG_MGF1_SHA384,
    { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04,
      0x30 } },
  { IKE_HASH_SHA2_512,
    CKM_SHA512,
    CKG_MGF1_SHA512,
    { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04,
      0x40 } },
};

/* ---- the slot and what lies in it ---- */

static CK_RV
initialize (CK_VOID_PTR args)
{
  return CKR_OK;
}

static CK_RV
get_info (CK_INFO_PTR info)
{
  memset (info, 0, sizeof *info);
  info->cryptokiVersion = (CK_VERSION){ 2, 40 };
  memset (info->manufacturerID, ' ', sizeof info->manufacturerID);
  memset (info->libraryDescription, ' ', sizeof info->libraryDescription);
  return CKR_OK;
}

static CK_RV
get_slot_list (CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count)
{
  if (list != NULL && *count < 1)
    return CKR_BUFFER_TOO_SMALL;
  if (list != NULL)
    list[0] = SLOT;
  *count = 1;
  return CKR_OK;
}

static CK_RV
get_slot_info (CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
  memset (info, 0, sizeof *info);
  memset (info->slotDescription, ' ', sizeof info->slotDescription);
  memset (info->manufacturerID, ' ', sizeof info->manufacturerID);
  memcpy (info->slotDescription, TOKEN_NAME, strlen (TOKEN_NAME));
  info->flags = CKF_TOKEN_PRESENT;
  return CKR_OK;
}

static CK_RV
get_token_info (CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
  memset (info, 0, sizeof *info);
  memset (info->label, ' ', sizeof info->label);
  memset (info->manufacturerID, ' ', sizeof info->manufacturerID);
  memset (info->model, ' ', sizeof info->model);
  memset (info->serialNumber, ' ', sizeof info->serialNumber);
  memcpy (info->label, TOKEN_NAME, strlen (TOKEN_NAME));
  info->flags = CKF_WRITE_PROTECTED | CKF_TOKEN_INITIALIZED;
  info->ulMaxSessionCount = MAX_SESSIONS;
  info->ulMaxRwSessionCount = MAX_SESSIONS;
  return CKR_OK;
}

static const CK_MECHANISM_TYPE mechanisms[] = { CKM_RSA_PKCS, CKM_ECDSA, CKM_RSA_PKCS_PSS };

static gboolean
has_mechanism (CK_MECHANISM_TYPE type)
{
  for (guint i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    if (mechanisms[i] == type)
      return TRUE;
  return FALSE;
}

static CK_RV
get_mechanism_list (CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count)
{
  CK_ULONG n = token.does_pss ? 3 : 2;

  if (list != NULL && *count < n)
    return CKR_BUFFER_TOO_SMALL;
  if (list != NULL)
    memcpy (list, mechanisms, n * sizeof *list);
  *count = n;
  return CKR_OK;
}

static CK_RV
get_mechanism_info (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info)
{
  *info = (CK_MECHANISM_INFO){ .ulMinKeySize = 256, .ulMaxKeySize = 16384, .flags = CKF_SIGN };
  return CKR_OK;
}

/* ---- sessions: their handle is the index + 1 ---- */

static Session *
session_of (CK_SESSION_HANDLE handle)
{
  return handle > 0 && handle <= MAX_SESSIONS && token.sessions[handle - 1].open ? &token.sessions[handle - 1] : NULL;
}

static CK_RV
open_session (CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR ret)
{
  for (guint i = 0; i < MAX_SESSIONS; i++)
    if (!token.sessions[i].open)
      {
        token.sessions[i] = (Session){ .open = TRUE };
        *ret = i + 1;
        return CKR_OK;
      }
  return CKR_SESSION_COUNT;
}

static CK_RV
close_session (CK_SESSION_HANDLE handle)
{
  Session *session = session_of (handle);

  if (session == NULL)
    return CKR_SESSION_HANDLE_INVALID;
  session->open = FALSE;
  return CKR_OK;
}

static CK_RV
close_all_sessions (CK_SLOT_ID slot)
{
  memset (token.sessions, 0, sizeof token.sessions);
  return CKR_OK;
}

static CK_RV
get_session_info (CK_SESSION_HANDLE handle, CK_SESSION_INFO_PTR info)
{
  if (session_of (handle) == NULL)
    return CKR_SESSION_HANDLE_INVALID;
  *info = (CK_SESSION_INFO){ .slotID = SLOT, .state = CKS_RO_PUBLIC_SESSION, .flags = CKF_SERIAL_SESSION };
  return CKR_OK;
}

/* ---- the key ---- */

static guint
attributes_fill (Attribute *list)
{
  static const CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
  static const CK_KEY_TYPE rsa = CKK_RSA, ec = CKK_EC;
  static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  gboolean is_rsa = token.spki.type == IKE_KEY_RSA;
  guint n = 0;

  list[n++] = (Attribute){ CKA_CLASS, &class, sizeof class };
  list[n++] = (Attribute){ CKA_KEY_TYPE, is_rsa ? &rsa : &ec, sizeof rsa };
  list[n++] = (Attribute){ CKA_TOKEN, &yes, sizeof yes };
  list[n++] = (Attribute){ CKA_PRIVATE, &no, sizeof no };
  list[n++] = (Attribute){ CKA_SIGN, &yes, sizeof yes };
  list[n++] = (Attribute){ CKA_SENSITIVE, &yes, sizeof yes };
  list[n++] = (Attribute){ CKA_ALWAYS_AUTHENTICATE, &no, sizeof no };
  list[n++] = (Attribute){ CKA_ID, "1", 1 };
  if (is_rsa)
    {
      list[n++] = (Attribute){ CKA_MODULUS, token.spki.modulus.data, token.spki.modulus.len };
      list[n++] = (Attribute){ CKA_PUBLIC_EXPONENT, token.spki.exponent.data, token.spki.exponent.len };
    }
  else
    {
      list[n++] = (Attribute){ CKA_EC_PARAMS, token.curve->data, token.curve->len };
      list[n++] = (Attribute){ CKA_EC_POINT, token.point->data, token.point->len };
    }
  g_assert (n <= MAX_ATTRIBUTES);
  return n;
}

static const Attribute *
attribute_find (const Attribute *list, guint n, CK_ATTRIBUTE_TYPE type)
{
  for (guint i = 0; i < n; i++)
    if (list[i].type == type)
      return &list[i];
  return NULL;
}

static CK_RV
get_attribute_value (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR wanted, CK_ULONG count)
{
  Attribute list[MAX_ATTRIBUTES];
  guint n = attributes_fill (list);
  CK_RV result = CKR_OK;

  if (object != token.handle)
    return CKR_OBJECT_HANDLE_INVALID;
  for (CK_ULONG i = 0; i < count; i++)
    {
      const Attribute *own = attribute_find (list, n, wanted[i].type);

      if (own == NULL)
        result = CKR_ATTRIBUTE_TYPE_INVALID;
      else if (wanted[i].pValue != NULL && wanted[i].ulValueLen < own->len)
        result = CKR_BUFFER_TOO_SMALL;
      else if (wanted[i].pValue != NULL)
        memcpy (wanted[i].pValue, own->data, own->len);
      wanted[i].ulValueLen = own != NULL ? own->len : CK_UNAVAILABLE_INFORMATION;
    }
  return result;
}

static CK_RV
find_objects_init (CK_SESSION_HANDLE handle, CK_ATTRIBUTE_PTR wanted, CK_ULONG count)
{
  Session *session = session_of (handle);
  Attribute list[MAX_ATTRIBUTES];
  guint n = attributes_fill (list);

  if (session == NULL)
    return CKR_SESSION_HANDLE_INVALID;
  session->found = FALSE;
  session->searching_key = TRUE;
  for (CK_ULONG i = 0; i < count; i++)
    {
      const Attribute *own = attribute_find (list, n, wanted[i].type);

      if (own == NULL || wanted[i].ulValueLen != own->len || memcmp (wanted[i].pValue, own->data, own->len) != 0)
        session->searching_key = FALSE;
    }
  return CKR_OK;
}

static CK_RV
find_objects (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE_PTR objects, CK_ULONG max, CK_ULONG_PTR count)
{
  Session *session = session_of (handle);

  if (session == NULL)
    return CKR_SESSION_HANDLE_INVALID;
  *count = session->searching_key && !session->found && max > 0 ? 1 : 0;
  if (*count > 0)
    {
      objects[0] = token.handle;
      session->found = TRUE;
    }
  return CKR_OK;
}

static CK_RV
find_objects_final (CK_SESSION_HANDLE handle)
{
  return session_of (handle) != NULL ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

/* ---- signing ---- */

/* The salt is as long as the hash, and the mask is made with the same: RFC 8446 section 4.2.3. */
static gboolean
take_pss (Session *session, const CK_MECHANISM *mechanism)
{
  const CK_RSA_PKCS_PSS_PARAMS *pss = mechanism->pParameter;

  if (pss == NULL || mechanism->ulParameterLen != sizeof *pss)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (hashes); i++)
    if (hashes[i].mechanism == pss->hashAlg && hashes[i].mgf == pss->mgf && pss->sLen == ike_hash_len (hashes[i].hash))
      {
        session->hash = hashes[i].hash;
        return TRUE;
      }
  return FALSE;
}

static CK_RV
sign_init (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
  Session *session = session_of (handle);

  if (session == NULL)
    return CKR_SESSION_HANDLE_INVALID;
  if (key != token.handle)
    return CKR_KEY_HANDLE_INVALID;
  /* newer NSS first tries those that make the digest too */
  if (!has_mechanism (mechanism->mechanism))
    return CKR_MECHANISM_INVALID;
  if (mechanism->mechanism == CKM_RSA_PKCS_PSS && !take_pss (session, mechanism))
    return CKR_MECHANISM_PARAM_INVALID;
  if ((mechanism->mechanism == CKM_ECDSA) == (token.spki.type == IKE_KEY_RSA))
    return CKR_KEY_TYPE_INCONSISTENT;
  session->mechanism = mechanism->mechanism;
  return CKR_OK;
}

/* What the octets are a digest of; *ret_at: where it begins. NONE: it is no digest that is signed here. */
static IkeHashId
digest_in (const Session *session, const guint8 *data, gsize len, gsize *ret_at)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hashes); i++)
    {
      gsize size = ike_hash_len (hashes[i].hash), prefix = sizeof hashes[i].prefix;

      *ret_at = session->mechanism == CKM_RSA_PKCS ? prefix : 0;
      if (len == size + *ret_at && (session->mechanism != CKM_RSA_PKCS_PSS || hashes[i].hash == session->hash) &&
          memcmp (data, hashes[i].prefix, *ret_at) == 0)
        return hashes[i].hash;
    }
  return 0;
}

static CK_RV
sign (CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
  const Session *session = session_of (handle);
  gsize at = 0, size = 0,
        room = token.spki.type == IKE_KEY_RSA ? token.spki.modulus.len : 2 * nss_curve_size (token.spki.type);
  IkeHashId hash = session != NULL ? digest_in (session, data, len, &at) : 0;
  g_autoptr (GBytes) signature = NULL;
  const guint8 *octets;

  if (hash == 0)
    return session != NULL ? CKR_DATA_INVALID : CKR_SESSION_HANDLE_INVALID;
  if (out == NULL || *out_len < room)
    {
      CK_RV result = out == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;

      *out_len = room;
      return result;
    }
  signature = token.sign (hash, session->mechanism == CKM_RSA_PKCS_PSS, data + at, len - at, token.data);
  octets = signature != NULL ? g_bytes_get_data (signature, &size) : NULL;
  if (octets == NULL || size > room)
    return CKR_FUNCTION_FAILED;
  memcpy (out, octets, size);
  *out_len = size;
  return CKR_OK;
}

static CK_RV get_function_list (CK_FUNCTION_LIST_PTR_PTR ret);

static CK_FUNCTION_LIST functions = {
  .version = { 2, 40 },
  .C_Initialize = initialize,
  .C_Finalize = initialize,
  .C_GetInfo = get_info,
  .C_GetFunctionList = get_function_list,
  .C_GetSlotList = get_slot_list,
  .C_GetSlotInfo = get_slot_info,
  .C_GetTokenInfo = get_token_info,
  .C_GetMechanismList = get_mechanism_list,
  .C_GetMechanismInfo = get_mechanism_info,
  .C_OpenSession = open_session,
  .C_CloseSession = close_session,
  .C_CloseAllSessions = close_all_sessions,
  .C_GetSessionInfo = get_session_info,
  .C_GetAttributeValue = get_attribute_value,
  .C_FindObjectsInit = find_objects_init,
  .C_FindObjects = find_objects,
  .C_FindObjectsFinal = find_objects_final,
  .C_SignInit = sign_init,
  .C_Sign = sign,
};

static CK_RV
not_supported (void)
{
  return CKR_FUNCTION_NOT_SUPPORTED;
}

/* None may be missing (PKCS #11 section 5.1): the others say that they are not there, whatever they are called with. */
static CK_RV
get_function_list (CK_FUNCTION_LIST_PTR_PTR ret)
{
  const gsize first = offsetof (CK_FUNCTION_LIST, C_Initialize);
  void (*const other) (void) = (void (*) (void)) not_supported;
  static void (*const missing) (void);

  for (gsize at = first; at < sizeof functions; at += sizeof other)
    if (memcmp ((char *) &functions + at, &missing, sizeof other) == 0)
      memcpy ((char *) &functions + at, &other, sizeof other);
  *ret = &functions;
  return CKR_OK;
}

gulong
nss_remote_key_functions (gpointer *ret)
{
  return get_function_list ((CK_FUNCTION_LIST_PTR_PTR) ret);
}

/* ---- making one ---- */

static gboolean
take_public_key (GBytes *public_key)
{
  NssSpki spki;

  if (!nss_spki_parse (nss_der_bytes (public_key), &spki) || spki.type == IKE_KEY_NONE ||
      nss_octet_key (spki.type) != NULL)
    return FALSE;
  g_clear_pointer (&token.public_key, g_bytes_unref);
  g_clear_pointer (&token.curve, g_byte_array_unref);
  g_clear_pointer (&token.point, g_byte_array_unref);
  token.public_key = g_bytes_ref (public_key);
  token.spki = spki;
  token.handle++;
  if (spki.type == IKE_KEY_RSA)
    return TRUE;
  token.curve = g_byte_array_new ();
  nss_spki_put_curve (token.curve, spki.type);
  token.point = g_byte_array_new ();
  nss_der_put (token.point, NSS_DER_OCTET_STRING, spki.point.data, spki.point.len);
  return TRUE;
}

static PK11SlotInfo *
slot_open (const char *library)
{
  static SECMODModule *module;
  g_autofree char *spec = g_strdup_printf ("library=\"%s\" name=\"%s\"", library, TOKEN_NAME);

  if (module == NULL)
    module = SECMOD_LoadUserModule (spec, NULL, PR_FALSE);
  return module != NULL && module->loaded && module->slotCount == 1 ? module->slots[0] : NULL;
}

static NssKey *
key_in (PK11SlotInfo *slot)
{
  SECKEYPrivateKeyList *list = PK11_ListPrivKeysInSlot (slot, NULL, NULL);
  SECKEYPrivateKey *key = NULL;

  if (list == NULL)
    return NULL;
  if (!PRIVKEY_LIST_END (PRIVKEY_LIST_HEAD (list), list))
    key = SECKEY_CopyPrivateKey (PRIVKEY_LIST_HEAD (list)->key);
  SECKEY_DestroyPrivateKeyList (list);
  return key != NULL ? nss_key_new_from_nss (key) : NULL;
}

NssKey *
nss_remote_key_new (GBytes *public_key, gboolean does_pss, const char *library, NssRemoteSign sign_, gpointer data,
                    GError **error)
{
  PK11SlotInfo *slot;
  NssKey *key;

  if (!nss_start (error))
    return NULL;
  if (!take_public_key (public_key))
    {
      g_set_error_literal (error, NSS_CRYPTO_ERROR, NSS_CRYPTO_ERROR_INIT,
                           "Only RSA and ECDSA keys in the key store or on a token can be used for TLS");
      return NULL;
    }
  token.does_pss = does_pss;
  token.sign = sign_;
  token.data = data;
  slot = slot_open (library);
  key = slot != NULL ? key_in (slot) : NULL;
  if (key == NULL)
    {
      g_autofree char *text = nss_error_text ();

      g_set_error (error, NSS_CRYPTO_ERROR, NSS_CRYPTO_ERROR_INIT, "The private key cannot be used for TLS: %s", text);
    }
  return key;
}
