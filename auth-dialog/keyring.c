/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See keyring.h. The attributes are those that NetworkManager's agents write. */
#include "config.h"

#include "keyring.h"

#include <libsecret/secret.h>
#include <string.h>

static const SecretSchema schema = { "org.freedesktop.NetworkManager.Connection",
                                     SECRET_SCHEMA_DONT_MATCH_NAME,
                                     { { "connection-uuid", SECRET_SCHEMA_ATTRIBUTE_STRING },
                                       { "setting-name", SECRET_SCHEMA_ATTRIBUTE_STRING },
                                       { "setting-key", SECRET_SCHEMA_ATTRIBUTE_STRING },
                                       { NULL, 0 } } };

char *
keyring_lookup (const char *uuid, const char *secret)
{
  g_autoptr (GHashTable) attributes =
      secret_attributes_build (&schema, "connection-uuid", uuid, "setting-name", "vpn", "setting-key", secret, NULL);
  /* without UNLOCK: a locked keyring would open a window of its own */
  GList *items = secret_service_search_sync (NULL, &schema, attributes, SECRET_SEARCH_LOAD_SECRETS, NULL, NULL);
  SecretValue *value = items != NULL ? secret_item_get_secret (items->data) : NULL;
  char *text = NULL;

  if (value != NULL && secret_value_get_text (value) != NULL)
    text = g_strdup (secret_value_get_text (value));
  g_clear_pointer (&value, secret_value_unref);
  g_list_free_full (items, g_object_unref);
  return text;
}
