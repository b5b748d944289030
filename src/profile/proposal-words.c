/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of proposals. Case and '_' do not count ("AES_GCM_C_256" is "aesgcmc256"). Fixed words are rows; ciphers
 * with key and checksum lengths are read by a small grammar, since the two spellings put the lengths in different
 * places: strongSwan "aes256gcm16", "aes128gcm128" (octets or bits of checksum); Libreswan "aes_gcm_16_256",
 * "aes_gcm_c_256", "aes_gcm256".
 */
#include "profile/proposal-words.h"

#include "profile/profile-keys.h"

#include <string.h>

#define WORD_MAX 40

#define AEAD PROPOSAL_WORD_AEAD
#define WEAK PROPOSAL_WORD_WEAK
#define ESP_ONLY PROPOSAL_WORD_ESP_ONLY
#define REFUSED PROPOSAL_WORD_REFUSED
#define ENCR IKE_TRANSFORM_ENCR
#define INTEG IKE_TRANSFORM_INTEG
#define PRF IKE_TRANSFORM_PRF
#define KE IKE_TRANSFORM_KE
#define ESN IKE_TRANSFORM_ESN

typedef struct {
  const char *words; /* separated by blanks, the canonical one first */
  ProposalWord word;
} WordRow;

/* RFC 8247 section 2 and RFC 8221 section 5 say what is weak */
static const WordRow rows[] = {
  { "chacha20poly1305 chacha20poly1305256", { ENCR, IKE_ENCR_CHACHA20_POLY1305, { 0 }, 0, AEAD } },
  { "3des 3descbc", { ENCR, IKE_ENCR_3DES, { 0 }, 0, WEAK } },
  { "des descbc des64", { ENCR, IKE_ENCR_DES, { 0 }, 0, REFUSED } },

  { "sha1 sha sha196 hmacsha1 hmacsha196", { INTEG, IKE_INTEG_HMAC_SHA1_96, { 0 }, IKE_PRF_HMAC_SHA1, 0 } },
  { "sha256 sha2 sha2256 hmacsha2256 hmacsha256 sha256128 sha2256128 hmacsha2256128",
    { INTEG, IKE_INTEG_HMAC_SHA2_256_128, { 0 }, IKE_PRF_HMAC_SHA2_256, 0 } },
  { "sha384 sha2384 hmacsha2384 hmacsha384 sha2384192 hmacsha2384192",
    { INTEG, IKE_INTEG_HMAC_SHA2_384_192, { 0 }, IKE_PRF_HMAC_SHA2_384, 0 } },
  { "sha512 sha2512 hmacsha2512 hmacsha512 sha2512256 hmacsha2512256",
    { INTEG, IKE_INTEG_HMAC_SHA2_512_256, { 0 }, IKE_PRF_HMAC_SHA2_512, 0 } },
  { "aesxcbc aesxcbc96 aes128xcbc", { INTEG, IKE_INTEG_AES_XCBC_96, { 0 }, IKE_PRF_AES128_XCBC, 0 } },
  { "aescmac aescmac96 aes128cmac", { INTEG, IKE_INTEG_AES_CMAC_96, { 0 }, IKE_PRF_AES128_CMAC, 0 } },
  { "md5 md596 hmacmd5 hmacmd596", { INTEG, IKE_INTEG_HMAC_MD5_96, { 0 }, IKE_PRF_HMAC_MD5, WEAK } },
  /* checksums of 96 bits, as some systems long ago cut SHA-256: not in the registry */
  { "sha25696 sha225696", { INTEG, IKE_INTEG_NONE, { 0 }, 0, REFUSED } },

  { "prfsha1 prfhmacsha1", { PRF, IKE_PRF_HMAC_SHA1, { 0 }, 0, 0 } },
  { "prfsha256 prfsha2 prfsha2256 prfhmacsha2256", { PRF, IKE_PRF_HMAC_SHA2_256, { 0 }, 0, 0 } },
  { "prfsha384 prfsha2384 prfhmacsha2384", { PRF, IKE_PRF_HMAC_SHA2_384, { 0 }, 0, 0 } },
  { "prfsha512 prfsha2512 prfhmacsha2512", { PRF, IKE_PRF_HMAC_SHA2_512, { 0 }, 0, 0 } },
  { "prfaesxcbc prfaes128xcbc", { PRF, IKE_PRF_AES128_XCBC, { 0 }, 0, 0 } },
  { "prfaescmac prfaes128cmac", { PRF, IKE_PRF_AES128_CMAC, { 0 }, 0, 0 } },
  { "prfmd5 prfhmacmd5", { PRF, IKE_PRF_HMAC_MD5, { 0 }, 0, WEAK } },

  { "x25519 curve25519 dh31", { KE, IKE_KE_CURVE25519, { 0 }, 0, 0 } },
  { "ecp256 dh19 secp256r1", { KE, IKE_KE_ECP_256, { 0 }, 0, 0 } },
  { "ecp384 dh20 secp384r1", { KE, IKE_KE_ECP_384, { 0 }, 0, 0 } },
  { "ecp521 dh21 secp521r1", { KE, IKE_KE_ECP_521, { 0 }, 0, 0 } },
  { "modp2048 dh14", { KE, IKE_KE_MODP_2048, { 0 }, 0, 0 } },
  { "modp3072 dh15", { KE, IKE_KE_MODP_3072, { 0 }, 0, 0 } },
  { "modp4096 dh16", { KE, IKE_KE_MODP_4096, { 0 }, 0, 0 } },
  { "modp6144 dh17", { KE, IKE_KE_MODP_6144, { 0 }, 0, 0 } },
  { "modp8192 dh18", { KE, IKE_KE_MODP_8192, { 0 }, 0, 0 } },
  { "modp1536 dh5", { KE, IKE_KE_MODP_1536, { 0 }, 0, WEAK } },
  { "modp1024 dh2", { KE, IKE_KE_MODP_1024, { 0 }, 0, WEAK } },
  { "modp768 dh1", { KE, IKE_KE_MODP_768, { 0 }, 0, REFUSED } },
  { "modp1024s160 dh22", { KE, IKE_KE_MODP_1024_160, { 0 }, 0, WEAK } },
  { "modp2048s224 dh23", { KE, IKE_KE_MODP_2048_224, { 0 }, 0, WEAK } },
  { "modp2048s256 dh24", { KE, IKE_KE_MODP_2048_256, { 0 }, 0, WEAK } },
  { "ecp192 dh25", { KE, IKE_KE_ECP_192, { 0 }, 0, REFUSED } },
  { "ecp224 dh26", { KE, IKE_KE_ECP_224, { 0 }, 0, REFUSED } },
  { "ecp224bp dh27", { KE, IKE_KE_BRAINPOOL_P224R1, { 0 }, 0, REFUSED } },
  { "ecp256bp dh28", { KE, IKE_KE_BRAINPOOL_P256R1, { 0 }, 0, REFUSED } },
  { "ecp384bp dh29", { KE, IKE_KE_BRAINPOOL_P384R1, { 0 }, 0, REFUSED } },
  { "ecp512bp dh30", { KE, IKE_KE_BRAINPOOL_P512R1, { 0 }, 0, REFUSED } },
  { "x448 curve448 dh32", { KE, IKE_KE_CURVE448, { 0 }, 0, REFUSED } },
  { "mlkem512 dh35", { KE, IKE_KE_ML_KEM_512, { 0 }, 0, 0 } },
  { "mlkem768 dh36", { KE, IKE_KE_ML_KEM_768, { 0 }, 0, 0 } },
  { "mlkem1024 dh37", { KE, IKE_KE_ML_KEM_1024, { 0 }, 0, 0 } },
  { "modpnone dh0", { KE, IKE_KE_NONE, { 0 }, 0, 0 } },

  { "noesn", { ESN, IKE_ESN_NO, { 0 }, 0, 0 } },
  { "esn", { ESN, IKE_ESN_YES, { 0 }, 0, 0 } },
};

/* What the grammar below reads, for suggestions. */
static const char cipher_words[] =
    "aes128 aes192 aes256 aes128gcm16 aes192gcm16 aes256gcm16 aes128ctr aes256ctr aes128ccm16 aes256ccm16 aes128gmac "
    "aes256gmac camellia128 camellia256 null none ";

/* ---- ciphers with lengths ---- */

typedef struct {
  const char *name; /* after "aes" and the strongSwan key length */
  guint flags;
  guint16 aes[3], camellia[3]; /* for checksums of 8, 12 and 16 octets; without one the first; 0: there is none */
} CipherMode;

static const CipherMode modes[] = {
  { "cbc", 0, { IKE_ENCR_AES_CBC }, { IKE_ENCR_CAMELLIA_CBC } },
  { "ctr", 0, { IKE_ENCR_AES_CTR }, { IKE_ENCR_CAMELLIA_CTR } },
  { "gcm", AEAD, { IKE_ENCR_AES_GCM_8, IKE_ENCR_AES_GCM_12, IKE_ENCR_AES_GCM_16 }, { 0 } },
  { "ccm",
    AEAD,
    { IKE_ENCR_AES_CCM_8, IKE_ENCR_AES_CCM_12, IKE_ENCR_AES_CCM_16 },
    { IKE_ENCR_CAMELLIA_CCM_8, IKE_ENCR_CAMELLIA_CCM_12, IKE_ENCR_CAMELLIA_CCM_16 } },
  { "gmac", AEAD | ESP_ONLY | WEAK, { IKE_ENCR_NULL_AUTH_AES_GMAC }, { 0 } },
};

static const struct {
  const char *text;
  guint index; /* into aes[] and camellia[] */
  gboolean only_after_key; /* bits of checksum: before a key length they would be one themselves */
} checksums[] = {
  { "", 2, FALSE },   { "a", 0, FALSE }, { "8", 0, FALSE }, { "64", 0, TRUE },  { "b", 1, FALSE },
  { "12", 1, FALSE }, { "96", 1, TRUE }, { "c", 2, FALSE }, { "16", 2, FALSE }, { "128", 2, TRUE },
};

/* A key length at *p: steps over it. */
static guint16
take_key_bits (const char **p)
{
  static const guint16 lengths[] = { 128, 192, 256 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      char text[8];

      g_snprintf (text, sizeof text, "%u", lengths[i]);
      if (g_str_has_prefix (*p, text))
        {
          *p += strlen (text);
          return lengths[i];
        }
    }
  return 0;
}

static gboolean
take_prefix (const char **p, const char *prefix)
{
  if (!g_str_has_prefix (*p, prefix))
    return FALSE;
  *p += strlen (prefix);
  return TRUE;
}

/* What follows "gcm" and the like: checksum, and a key length when none came before. 3: neither. */
static guint
take_checksum (const char *p, gboolean has_checksum, guint16 *key_bits)
{
  guint n = has_checksum ? G_N_ELEMENTS (checksums) : 1;

  for (guint i = 0; i < n; i++)
    {
      const char *rest = p;
      guint16 bits = *key_bits;

      if ((checksums[i].only_after_key && bits == 0) || !take_prefix (&rest, checksums[i].text))
        continue;
      if (bits == 0)
        bits = take_key_bits (&rest);
      if (*rest == '\0')
        {
          *key_bits = bits;
          return has_checksum ? checksums[i].index : 0;
        }
    }
  return 3;
}

static gboolean
cipher_parse (const char *word, ProposalWord *ret)
{
  const char *p = word;
  gboolean null_auth = take_prefix (&p, "nullauth");
  gboolean camellia = take_prefix (&p, "camellia");
  guint16 key_bits;

  if (!camellia && !take_prefix (&p, "aes"))
    return FALSE;
  key_bits = take_key_bits (&p);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      const guint16 *ids = camellia ? modes[i].camellia : modes[i].aes;
      const char *rest = p;
      guint index;

      if (!take_prefix (&rest, modes[i].name) && i > 0) /* the first mode's name may be left out */
        continue;
      index = take_checksum (rest, ids[1] != 0, &key_bits);
      if (index > 2 || ids[index] == 0 || (null_auth && !(modes[i].flags & ESP_ONLY)))
        continue;
      *ret = (ProposalWord){ .type = ENCR, .id = ids[index], .flags = modes[i].flags };
      ret->key_bits[0] = key_bits != 0 ? key_bits : 256;
      ret->key_bits[1] = key_bits != 0 ? 0 : 128;
      return TRUE;
    }
  return FALSE;
}

static char *
cipher_to_string (const IkeTransform *transform)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (modes[i].aes); j++)
        {
          gboolean camellia = modes[i].camellia[j] == transform->id;
          const char *name = i == 0 ? "" : modes[i].name;
          const char *checksum = modes[i].aes[1] == 0 ? "" : j == 0 ? "8" : j == 1 ? "12" : "16";

          if (transform->id != 0 && (camellia || modes[i].aes[j] == transform->id))
            return g_strdup_printf ("%s%u%s%s", camellia ? "camellia" : "aes", transform->key_bits, name, checksum);
        }
    }
  return NULL;
}

/* ---- words ---- */

static gboolean
row_has_word (const WordRow *row, const char *word)
{
  g_auto (GStrv) list = g_strsplit (row->words, " ", -1);

  return g_strv_contains ((const char *const *) list, word);
}

/* "ke1mlkem768": an additional key exchange, RFC 9370. */
static gboolean
additional_ke_parse (const char *word, ProposalWord *ret)
{
  ProposalWord ke;

  if (!g_str_has_prefix (word, "ke") || word[2] < '1' || word[2] > '7')
    return FALSE;
  if (strcmp (word + 3, "none") == 0)
    ke = (ProposalWord){ .type = KE, .id = IKE_KE_NONE };
  else if (proposal_word_parse (word + 3, &ke) != PROPOSAL_WORD_KNOWN || ke.type != KE)
    return FALSE;
  ke.type = (guint8) (IKE_TRANSFORM_ADDKE1 + (word[2] - '1'));
  *ret = ke;
  return TRUE;
}

ProposalWordResult
proposal_word_parse (const char *word, ProposalWord *ret)
{
  char plain[WORD_MAX + 1];
  gsize len = 0;

  for (const char *p = word; *p != '\0'; p++)
    {
      if (*p == '_')
        continue;
      if (len == WORD_MAX)
        return PROPOSAL_WORD_UNKNOWN;
      plain[len++] = g_ascii_tolower (*p);
    }
  plain[len] = '\0';
  if (strcmp (plain, "none") == 0 || strcmp (plain, "null") == 0)
    return PROPOSAL_WORD_NONE;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (row_has_word (&rows[i], plain))
        {
          *ret = rows[i].word;
          return PROPOSAL_WORD_KNOWN;
        }
    }
  return cipher_parse (plain, ret) || additional_ke_parse (plain, ret) ? PROPOSAL_WORD_KNOWN : PROPOSAL_WORD_UNKNOWN;
}

char *
proposal_word_from_transform (const IkeTransform *transform)
{
  gboolean additional = transform->type >= IKE_TRANSFORM_ADDKE1 && transform->type <= IKE_TRANSFORM_ADDKE7;
  guint8 type = additional ? (guint8) KE : transform->type;

  if (type == ENCR && transform->id == IKE_ENCR_NULL)
    return g_strdup ("null");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (rows[i].word.type == type && rows[i].word.id == transform->id)
        {
          gsize len = strcspn (rows[i].words, " ");
          g_autofree char *prefix =
              additional ? g_strdup_printf ("ke%u_", transform->type - IKE_TRANSFORM_ADDKE1 + 1) : NULL;

          if (additional && transform->id == IKE_KE_NONE)
            return g_strconcat (prefix, "none", NULL);
          return g_strdup_printf ("%s%.*s", prefix != NULL ? prefix : "", (int) len, rows[i].words);
        }
    }
  return type == ENCR ? cipher_to_string (transform) : NULL;
}

char *
proposal_word_suggest (const char *word)
{
  g_autoptr (GString) words = g_string_new (cipher_words);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (!(rows[i].word.flags & REFUSED))
        g_string_append_printf (words, "%.*s ", (int) strcspn (rows[i].words, " "), rows[i].words);
    }
  return ipsec_word_suggest (words->str, word);
}
