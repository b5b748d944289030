/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name tables out of registry.def; searched linearly, for names are for people. */
#include "wire/registry.h"

#include <string.h>

#define IKE_R_EXCHANGE(name, number, where) { number, #name, where },
static const IkeNameRow exchange_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_PAYLOAD(name, number, where) { number, #name, where },
static const IkeNameRow payload_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_PROTOCOL(name, number, where) { number, #name, where },
static const IkeNameRow protocol_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_TRANSFORM(name, number, where) { number, #name, where },
static const IkeNameRow transform_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_ENCR(name, number, where) { number, #name, where },
static const IkeNameRow encr_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_PRF(name, number, where) { number, "PRF_" #name, where },
static const IkeNameRow prf_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_INTEG(name, number, where) { number, #name, where },
static const IkeNameRow integ_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_KE(name, number, where) { number, #name, where },
static const IkeNameRow ke_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_ESN(name, number, where) { number, "ESN_" #name, where },
static const IkeNameRow esn_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_HASH(name, number, where) { number, #name, where },
static const IkeNameRow hash_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_AUTH_METHOD(name, number, where) { number, #name, where },
static const IkeNameRow auth_method_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_ID(name, number, where) { number, "ID_" #name, where },
static const IkeNameRow id_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_CERT(name, number, where) { number, #name, where },
static const IkeNameRow cert_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_CP(name, number, where) { number, "CFG_" #name, where },
static const IkeNameRow cp_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_CP_ATTR(name, number, rule, where) { number, #name, where },
static const IkeNameRow cp_attr_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_NOTIFY(name, number, where) { number, #name, where },
static const IkeNameRow notify_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_EAP_CODE(name, number, where) { number, "EAP_" #name, where },
static const IkeNameRow eap_code_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_EAP(name, number, where) { number, "EAP_" #name, where },
static const IkeNameRow eap_rows[] = {
#include "wire/registry.def"
};
#define IKE_R_TS(name, number, where) { number, "TS_" #name, where },
static const IkeNameRow ts_rows[] = {
#include "wire/registry.def"
};

static const struct {
  const IkeNameRow *rows;
  guint n;
  const char *unknown; /* what stands before the number of an unknown one */
} name_sets[] = {
#define SET(set, rows, unknown) [IKE_NAMES_##set] = { rows, G_N_ELEMENTS (rows), unknown }
  SET (EXCHANGE, exchange_rows, "EXCHANGE"),
  SET (PAYLOAD, payload_rows, "PAYLOAD"),
  SET (PROTOCOL, protocol_rows, "PROTOCOL"),
  SET (TRANSFORM, transform_rows, "TRANSFORM"),
  SET (ENCR, encr_rows, "ENCR"),
  SET (PRF, prf_rows, "PRF"),
  SET (INTEG, integ_rows, "INTEG"),
  SET (KE, ke_rows, "KE"),
  SET (ESN, esn_rows, "ESN"),
  SET (HASH, hash_rows, "HASH"),
  SET (AUTH_METHOD, auth_method_rows, "AUTH_METHOD"),
  SET (ID, id_rows, "ID"),
  SET (CERT, cert_rows, "CERT"),
  SET (CP, cp_rows, "CFG"),
  SET (CP_ATTR, cp_attr_rows, "ATTR"),
  SET (NOTIFY, notify_rows, "NOTIFY"),
  SET (EAP_CODE, eap_code_rows, "EAP_CODE"),
  SET (EAP, eap_rows, "EAP"),
  SET (TS, ts_rows, "TS"),
#undef SET
};
G_STATIC_ASSERT (G_N_ELEMENTS (name_sets) == IKE_N_NAMES);

const char *
ike_name (IkeNames set, guint32 number, IkeNameBuffer *buffer)
{
  for (guint i = 0; i < name_sets[set].n; i++)
    if (name_sets[set].rows[i].number == number)
      return name_sets[set].rows[i].name;
  g_snprintf (buffer->text, sizeof buffer->text, "%s_%u", name_sets[set].unknown, number);
  return buffer->text;
}

gboolean
ike_number_from_name (IkeNames set, const char *name, guint32 *ret_number)
{
  for (guint i = 0; i < name_sets[set].n; i++)
    if (strcmp (name_sets[set].rows[i].name, name) == 0)
      {
        *ret_number = name_sets[set].rows[i].number;
        return TRUE;
      }
  return FALSE;
}

const IkeNameRow *
ike_name_rows (IkeNames set, guint *ret_n)
{
  *ret_n = name_sets[set].n;
  return name_sets[set].rows;
}

gboolean
ike_transform_names (guint8 type, IkeNames *ret_set)
{
  switch ((IkeTransformType) type)
    {
    case IKE_TRANSFORM_ENCR:
      *ret_set = IKE_NAMES_ENCR;
      return TRUE;
    case IKE_TRANSFORM_PRF:
      *ret_set = IKE_NAMES_PRF;
      return TRUE;
    case IKE_TRANSFORM_INTEG:
      *ret_set = IKE_NAMES_INTEG;
      return TRUE;
    case IKE_TRANSFORM_ESN:
      *ret_set = IKE_NAMES_ESN;
      return TRUE;
    case IKE_TRANSFORM_KE:
    case IKE_TRANSFORM_ADDKE1:
    case IKE_TRANSFORM_ADDKE2:
    case IKE_TRANSFORM_ADDKE3:
    case IKE_TRANSFORM_ADDKE4:
    case IKE_TRANSFORM_ADDKE5:
    case IKE_TRANSFORM_ADDKE6:
    case IKE_TRANSFORM_ADDKE7:
      *ret_set = IKE_NAMES_KE;
      return TRUE;
    }
  return FALSE;
}

const char *
ike_transform_name (const IkeTransform *transform, IkeNameBuffer *buffer)
{
  IkeNameBuffer id;
  IkeNames set;

  if (!ike_transform_names (transform->type, &set))
    g_snprintf (buffer->text, sizeof buffer->text, "TRANSFORM_%u_%u", transform->type, transform->id);
  else if (transform->key_bits == 0)
    return ike_name (set, transform->id, buffer);
  else
    g_snprintf (buffer->text, sizeof buffer->text, "%s_%u", ike_name (set, transform->id, &id), transform->key_bits);
  return buffer->text;
}
