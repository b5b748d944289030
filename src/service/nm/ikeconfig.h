/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile, the credentials that it names and the gateway that is dialled, as the engine's configuration. Pure. */
#pragma once

#include "helper-client.h"
#include "profile/policy.h"
#include "profile/profile.h"

/* CA hashes in our certificate requests: the system's whole list would be 3 KB of every IKE_AUTH. A gateway with one
 * certificate sends it whatever is named. */
#define IKECONFIG_MAX_CERTREQ 40
/* How long several gateways that do not answer may take together, when the profile does not say: seconds. */
#define IKECONFIG_PATIENCE 15
#define IKECONFIG_MIN_PATIENCE 4
/* And how long a host of a mesh: somebody waits for it. */
#define IKECONFIG_MESH_PATIENCE 4
/* Longest lifetimes in FIPS mode: seconds. */
#define IKECONFIG_FIPS_IKE (24 * 3600)
#define IKECONFIG_FIPS_ESP (8 * 3600)

typedef struct {
  const IpsecProfile *profile;
  const char *name;                     /* of the connection, for logs */
  const HelperCredentials *credentials; /* NULL: none are needed */
  const char *host;                     /* the gateway as dialled */
  guint candidates;                     /* how many gateways there are to try, the ones before included */
  guint16 ke_hint;
  const IkeCrypto *crypto;
  const IpsecPolicy *policy;            /* the system's; NULL: none */
  gboolean resolvers; /* the connection wants name servers that encrypt */
} IkeconfigInput;

/* Whose certificate an EAP server must have; NULL: of any name. */
IkeIdentity *ikeconfig_eap_server (const IpsecProfile *profile, const IkeConfig *config);
/* NULL: a VPN_ERROR, BAD_ARGUMENTS; the text names what is wrong. */
IkeConfig *ikeconfig_new (const IkeconfigInput *input, GError **error);

/* Is any file needed for certificates? Fills @ret_spec but the password and the user; its strings are the profile's. */
gboolean ikeconfig_credential_spec (const IpsecProfile *profile, HelperCredentialSpec *ret_spec);
/* The profile's IpsecSelectors as IkeSelectors; family NONE: "dynamic". */
GArray *ikeconfig_selectors (GPtrArray *selectors);
IkeAddress ikeconfig_address (const IpsecAddress *address);
