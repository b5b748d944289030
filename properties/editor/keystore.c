/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See keystore.h. */
#include "config.h"

#include "editor/keystore.h"

#include "helper/said.h"

#ifdef HAVE_P11_KIT
# include "editor/tokens.h"
#endif

#define HELPER "org.freedesktop.NetworkManager.ipsec.Helper"
#define HELPER_PATH "/org/freedesktop/NetworkManager/ipsec/Helper"
#define TIMEOUT_MS 10000
#define MAKE_TIMEOUT_MS 300000 /* somebody types a password, and large keys take their time */
#define ENTRIES_MAX 200 /* a menu with more of them is of no use */

struct _Keystore {
  GCancellable *cancellable;
  void (*changed) (gpointer data);
  KeystoreMade made;
  gpointer data;
  gboolean there;
  GPtrArray *certificates, *tokens, *keys;
};

void
keystore_entry_free (gpointer data)
{
  KeystoreEntry *entry = data;

  g_free (entry->value);
  g_free (entry->title);
  g_free (entry->public);
  g_free (entry);
}

static void
call (Keystore *self, const char *method, GVariant *parameters, const char *type, int timeout, GAsyncReadyCallback done)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

  if (bus == NULL)
    {
      if (parameters != NULL)
        g_variant_unref (g_variant_ref_sink (parameters));
      return;
    }
  g_dbus_connection_call (bus, HELPER, HELPER_PATH, HELPER, method, parameters, G_VARIANT_TYPE (type),
                          timeout > TIMEOUT_MS ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
                                               : G_DBUS_CALL_FLAGS_NONE,
                          timeout, self->cancellable, done, self);
}

/* ---- what there is ---- */

static const char *
string_of (GVariantDict *dict, const char *name)
{
  const char *text = NULL;

  g_variant_dict_lookup (dict, name, "&s", &text);
  return text != NULL ? text : "";
}

static KeystoreEntry *
certificate_entry (GVariantDict *dict)
{
  const char *nickname = string_of (dict, "nickname"), *subject = string_of (dict, "subject");
  KeystoreEntry *entry;

  if (nickname[0] == '\0')
    return NULL;
  entry = g_new0 (KeystoreEntry, 1);
  entry->value = g_strconcat ("nss:", nickname, NULL);
  entry->title = subject[0] != '\0' ? g_strdup_printf ("%s (%s)", nickname, subject) : g_strdup (nickname);
  g_variant_dict_lookup (dict, "private-key", "b", &entry->has_key);
  g_variant_dict_lookup (dict, "ca", "b", &entry->is_ca);
  return entry;
}

static KeystoreEntry *
key_entry (GVariantDict *dict)
{
  const char *ckaid = string_of (dict, "ckaid"), *nickname = string_of (dict, "nickname");
  KeystoreEntry *entry;

  if (ckaid[0] == '\0')
    return NULL;
  entry = g_new0 (KeystoreEntry, 1);
  entry->value = g_strdup (ckaid);
  entry->title =
      g_strdup_printf ("%s  %.16s…%s%s", string_of (dict, "key"), ckaid, nickname[0] != '\0' ? "  " : "", nickname);
  entry->public = g_strdup (string_of (dict, "public"));
  entry->has_key = TRUE;
  return entry;
}

/* FALSE: no answer, and @self may be gone. */
static gboolean
take_list (GObject *bus, GAsyncResult *result, GPtrArray *(*list_of) (Keystore *),
           KeystoreEntry *(*parse) (GVariantDict *), Keystore *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);
  g_autoptr (GVariant) items = answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
  GPtrArray *list;

  if (items == NULL)
    return FALSE;
  list = list_of (self);
  g_ptr_array_set_size (list, 0);
  for (gsize i = 0; i < g_variant_n_children (items) && list->len < ENTRIES_MAX; i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (items, i);
      g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (item);
      KeystoreEntry *entry = parse (&dict);

      if (entry != NULL)
        g_ptr_array_add (list, entry);
    }
  self->there = TRUE;
  self->changed (self->data);
  return TRUE;
}

static void
on_certificates (GObject *bus, GAsyncResult *result, gpointer data)
{
  take_list (bus, result, keystore_certificates, certificate_entry, data);
}

static void
on_keys (GObject *bus, GAsyncResult *result, gpointer data)
{
  take_list (bus, result, keystore_keys, key_entry, data);
}

static void
ask (Keystore *self)
{
  call (self, "ListCertificates", NULL, "(aa{sv})", TIMEOUT_MS, on_certificates);
  call (self, "ListKeys", NULL, "(aa{sv})", TIMEOUT_MS, on_keys);
}

#ifdef HAVE_P11_KIT
static void
on_tokens (GObject *source, GAsyncResult *result, gpointer data)
{
  GPtrArray *list = tokens_list_finish (result);
  Keystore *self = data;

  if (list == NULL)
    return; /* cancelled, and @self is gone */
  g_ptr_array_unref (self->tokens);
  self->tokens = list;
  self->changed (self->data);
}
#endif

/* ---- a new key ---- */

static void
on_made (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);
  Keystore *self = data;
  const char *ckaid = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* and @self is gone */
  if (answer == NULL)
    {
      g_autofree char *said = NULL;

      g_dbus_error_strip_remote_error (error);
      said = said_translate (error->message);
      self->made (NULL, said, self->data);
      return;
    }
  g_variant_get (answer, "(&s)", &ckaid);
  ask (self);
  self->made (ckaid, NULL, self->data);
}

void
keystore_make_key (Keystore *self, KeystoreMade made)
{
  self->made = made;
  call (self, "GenerateKey", g_variant_new ("(su)", "rsa", 0u), "(s)", MAKE_TIMEOUT_MS, on_made);
}

/* ---- the object ---- */

Keystore *
keystore_new (void (*changed) (gpointer data), gpointer data)
{
  Keystore *self = g_new0 (Keystore, 1);

  self->cancellable = g_cancellable_new ();
  self->changed = changed;
  self->data = data;
  self->certificates = g_ptr_array_new_with_free_func (keystore_entry_free);
  self->tokens = g_ptr_array_new_with_free_func (keystore_entry_free);
  self->keys = g_ptr_array_new_with_free_func (keystore_entry_free);
  ask (self);
#ifdef HAVE_P11_KIT
  tokens_list_async (self->cancellable, on_tokens, self);
#endif
  return self;
}

void
keystore_free (Keystore *self)
{
  if (self == NULL)
    return;
  /* answers that are still to come find that they were cancelled before they look at us */
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->certificates);
  g_ptr_array_unref (self->tokens);
  g_ptr_array_unref (self->keys);
  g_free (self);
}

GPtrArray *
keystore_certificates (Keystore *self)
{
  return self->certificates;
}

GPtrArray *
keystore_tokens (Keystore *self)
{
  return self->tokens;
}

GPtrArray *
keystore_keys (Keystore *self)
{
  return self->keys;
}

gboolean
keystore_is_there (Keystore *self)
{
  return self->there;
}
