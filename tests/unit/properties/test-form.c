/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form: its table against the profile's, what is shown, what is said, and what is saved and what is left alone.
 */
#include "config.h"

#include "form-test.h"

#include "profile/profile.h"
#include "profile/unsupported.h"

#include <string.h>

#define CKAID "0123456789abcdef0123456789abcdef01234567"

/* ---- the table ---- */

/* Written another way in the form. */
static gboolean
has_no_field (const char *key)
{
  return strcmp (key, "auth") == 0 /* sign-in */ || strcmp (key, "compress") == 0 /* ipcomp */;
}

static void
test_table (void)
{
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      if (field_find (key->name, key->secret) < 0 && !has_no_field (key->name))
        g_error ("the %s %s has no field in properties/form/fields.c", key->secret ? "secret" : "key", key->name);
    }
  for (guint i = 0; i < field_count (); i++)
    {
      const Field *field = field_at (i);
      g_autofree char *title = field_plain_title (field);

      g_assert_true ((field->flags & FIELD_OWN) != 0 || field_key (field) != NULL);
      g_assert_cmpint (field_find (field->name, field->kind == FIELD_SECRET), ==, (int) i);
      g_assert_nonnull (strchr (field->title, '_'));
      g_assert_false (g_str_has_suffix (title, ":"));
      g_assert_true (i == 0 || field->section >= field_at (i - 1)->section);
      g_assert_true ((field->kind == FIELD_CHOICE) == (field->choices != NULL));
    }
}

/* A choice has every word of its key, once, and no other. */
static void
test_choices (void)
{
  for (guint i = 0; i < field_count (); i++)
    {
      const Field *field = field_at (i);
      const IpsecKey *key = field_key (field);
      g_auto (GStrv) words = key != NULL && key->values != NULL ? g_strsplit (key->values, " ", -1) : NULL;
      guint n = 0;

      if (field->kind != FIELD_CHOICE || key == NULL)
        continue;
      for (guint j = 0; field->choices[j].word != NULL; j++)
        {
          const char *word = field->choices[j].word;

          if (word[0] == '\0')
            continue;
          n++;
          if (key->type == IPSEC_KEY_BOOL)
            g_assert_true (strcmp (word, "yes") == 0 || strcmp (word, "no") == 0);
          else
            g_assert_true (ipsec_key_has_word (key, word));
        }
      g_assert_cmpuint (n, ==, key->type == IPSEC_KEY_BOOL ? 2 : g_strv_length (words));
    }
}

static void
test_conditions (void)
{
  for (guint i = 0; i < field_count (); i++)
    {
      g_auto (GStrv) list = g_strsplit (field_at (i)->when ? field_at (i)->when : "", " ", -1);

      for (guint j = 0; list[j] != NULL; j++)
        {
          const char *equals = strchr (list[j], '=');
          g_autofree char *name = NULL;

          g_assert_nonnull (equals);
          name = g_strndup (list[j], (gsize) (equals - list[j]) - (equals[-1] == '!' ? 1 : 0));
          g_assert_cmpint (field_find (name, FALSE), >=, 0);
        }
    }
}

/* ---- new connections ---- */

static void
test_new (void)
{
  g_autoptr (Form) form = form_empty ();
  const char *note;

  g_assert_cmpint (form_note (form, at ("gateway"), &note), ==, NOTE_HINT);
  g_assert_cmpstr (note, ==, "Enter the host name or address of the gateway.");
  assert_stored (form, "Gateway: Enter the host name or address of the gateway.");
  form_set (form, at ("gateway"), "vpn.example.com");
  assert_stored (form, "auth=eap;gateway=vpn.example.com;password-flags=1");
  form_set (form, at ("user"), " alice ");
  form_set (form, secret_at ("password"), " secret ");
  assert_stored (form, "auth=eap;gateway=vpn.example.com;password-flags=1;user=alice;!password= secret ");
  form_set_storage (form, secret_at ("password"), NM_SETTING_SECRET_FLAG_NONE);
  assert_stored (form, "auth=eap;gateway=vpn.example.com;user=alice;!password= secret ");
  form_set_storage (form, secret_at ("password"), NM_SETTING_SECRET_FLAG_NOT_SAVED);
  assert_stored (form, "auth=eap;gateway=vpn.example.com;password-flags=2;user=alice");
  form_set (form, at ("gateway"), "");
  form_check (form);
  g_assert_cmpint (form_note (form, at ("gateway"), &note), ==, NOTE_ERROR);
}

static void
test_sign_in (void)
{
  g_autoptr (Form) form = form_empty ();

  form_set (form, at ("gateway"), "vpn.example.com");
  form_set (form, at ("user"), "alice");
  g_assert_true (form_shows (form, at ("user")) && !form_shows (form, at ("certificate")));
  form_set (form, at (FIELD_SIGN_IN), SIGN_IN_CERTIFICATE);
  g_assert_true (form_shows (form, at ("certificate")) && form_shows (form, at ("ca")));
  g_assert_false (form_shows (form, at ("user")) || form_shows (form, secret_at ("psk")));
  assert_stored (form, "Certificate: Choose your certificate.");
  form_set (form, at ("certificate"), "a.pem");
  assert_stored (form, "Certificate: “a.pem” is not a path; paths begin with /.");
  form_set (form, at ("certificate"), "/a.pem");
  assert_stored (form, "auth=cert;certificate=/a.pem;gateway=vpn.example.com");
  form_set (form, secret_at ("key-password"), "k");
  assert_stored (form, "auth=cert;certificate=/a.pem;gateway=vpn.example.com;key-password-flags=1;!key-password=k");
  form_set (form, at (FIELD_SIGN_IN), SIGN_IN_SHARED_KEY);
  g_assert_false (form_shows (form, at ("ca")));
  form_set (form, secret_at ("psk"), "0xzz");
  assert_stored (form, "Pre-Shared Key: It begins with 0x or 0s, but hexadecimal digits or base64 do not follow.");
}

/* ---- connections that are there ---- */

/* Whatever is in a profile: looking at it and saving changes nothing. */
static void
test_untouched (void)
{
  static const char *const profiles[] = {
    "gateway=a.example;user=alice",
    "certificate=/a.pem;gateway=a.example;key-password-flags=2",
    "gateway=a.example;psk-flags=0;!psk=a long enough pre-shared key",
    "auth=eap;gateway=a.example;mobike=yes;tcp=no;x-mine=1",
    "auth=psk;dpd-delay=30;gateway=a.example;user=alice;!psk=a long enough pre-shared key",
    "auth=eap;esp=legacy;gateway=a.example;ike=legacy",
    "auth=eap;esp=aes256gcm16;gateway=a.example;ike=legacy;password-flags=4",
    "auth=eap;eap=mschapv2;gateway=a.example;pfs=yes;remote-auth=psk;!password=p;!psk=a long enough pre-shared key",
    "auth=psk;certificate=/not/used.pem;gateway=a.example;!psk=a long enough pre-shared key",
    "auth=rsa;ca=/ca.pem;gateway=a.example;local-rsa-key=" CKAID ";remote-auth=cert",
    "auth=rsa;ca=/ca.pem;gateway=a.example;local-rsa-key=" CKAID,
    "auth=rsa;gateway=a.example;local-rsa-key=" CKAID ";psk-flags=1;remote-auth=psk",
    "auth=rsa;gateway=a.example;local-rsa-key=" CKAID ";remote-auth=null;role=peer",
    "auth=rsa;gateway=a.example;private-key=/k.pem;remote-rsa-key=" CKAID,
  };

  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autoptr (Form) form = form_with (profiles[i]);

      assert_stored (form, profiles[i]);
    }
}

static const char *
sign_in_of (const IpsecProfile *profile)
{
  const char *certificate = profile->auth.certificate;

  switch (profile->auth.local)
    {
    case IPSEC_AUTH_PSK:
      return SIGN_IN_SHARED_KEY;
    case IPSEC_AUTH_CERT:
      return g_str_has_prefix (certificate, "pkcs11:") ? SIGN_IN_TOKEN : SIGN_IN_CERTIFICATE;
    case IPSEC_AUTH_RAW:
      return SIGN_IN_RAW_KEY;
    case IPSEC_AUTH_EAP:
      return SIGN_IN_USER;
    case IPSEC_AUTH_NULL:
      return SIGN_IN_NOTHING;
    case IPSEC_AUTH_EAP_ONLY: /* a gateway's */
      break;
    }
  g_assert_not_reached ();
}

static void
test_sign_in_derived (void)
{
  static const struct {
    const char *items, *word;
  } cases[] = {
    { "gateway=a", SIGN_IN_USER },
    { "gateway=a;auth=auto;user=b", SIGN_IN_USER },
    { "gateway=a;certificate=/a.pem", SIGN_IN_CERTIFICATE },
    { "gateway=a;certificate=pkcs11:object=a", SIGN_IN_TOKEN },
    { "gateway=a;auth=cert;certificate=pkcs11:object=a", SIGN_IN_TOKEN },
    { "gateway=a;psk-flags=1", SIGN_IN_SHARED_KEY },
    { "gateway=a;auth=psk", SIGN_IN_SHARED_KEY },
    { "gateway=a;remote-auth=psk;user=u;!psk=x", SIGN_IN_USER },
    { "gateway=a;remote-auth=psk;password-flags=1;psk-flags=1", SIGN_IN_USER },
    { "gateway=a;remote-auth=psk;!psk=x", SIGN_IN_SHARED_KEY },
    { "gateway=a;psk-flags=4", SIGN_IN_USER },
    { "gateway=a;psk-flags=1;role=peer", SIGN_IN_SHARED_KEY },
    { "certificate=/a;eap=tls;gateway=a", SIGN_IN_USER },
    { "auth2=eap;certificate=/a;eap=tls;gateway=a", SIGN_IN_CERTIFICATE },
    { "auth2=eap;gateway=a;user=u;!psk=x", SIGN_IN_SHARED_KEY },
    { "gateway=a;private-key=/k", SIGN_IN_CERTIFICATE },
    { "gateway=a;local-rsa-key=" CKAID ";remote-rsa-key=" CKAID, SIGN_IN_RAW_KEY },
    { "gateway=a;auth=rsa", SIGN_IN_RAW_KEY },
    { "gateway=a;auth=null", SIGN_IN_NOTHING },
    { "gateway=a;auth=hybrid", SIGN_IN_OTHER },
    { "gateway=a;auth=nonsense", SIGN_IN_OTHER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (NMConnection) connection = connection_with (cases[i].items);
      g_autoptr (Form) form = form_new (connection);
      g_autoptr (IpsecProfile) profile = NULL;

      g_test_message ("%s", cases[i].items);
      g_assert_cmpstr (form_get (form, at (FIELD_SIGN_IN)), ==, cases[i].word);
      g_assert_true (form_offers (form, at (FIELD_SIGN_IN), cases[i].word));
      /* the same as the service has it, which knows who activates the connection */
      g_object_set (nm_connection_get_setting_vpn (connection), NM_SETTING_VPN_USER_NAME, "u", NULL);
      profile = ipsec_profile_new_from_setting (nm_connection_get_setting_vpn (connection), NULL);
      if (profile)
        g_assert_cmpstr (sign_in_of (profile), ==, cases[i].word);
    }
}

/* What belongs to the choice that was left goes; what the form knows nothing of stays. */
static void
test_switch (void)
{
  g_autoptr (Form) form =
      form_with ("auth=eap;gateway=a.example;password-flags=0;user=alice;x-mine=1;eap=mschapv2;!password=p");

  form_set (form, at (FIELD_SIGN_IN), SIGN_IN_CERTIFICATE);
  form_set (form, at ("certificate"), "/a.pem");
  assert_stored (form, "auth=cert;certificate=/a.pem;gateway=a.example;x-mine=1");
  form_set (form, at (FIELD_SIGN_IN), SIGN_IN_USER);
  assert_stored (form, "auth=eap;eap=mschapv2;gateway=a.example;password-flags=0;user=alice;x-mine=1;!password=p");
}

static void
test_switch_storage (void)
{
  g_autoptr (Form) form = form_with ("auth=cert;certificate=/a.pem;gateway=a.example");

  form_set (form, at (FIELD_SIGN_IN), SIGN_IN_USER);
  assert_stored (form, "auth=eap;gateway=a.example;password-flags=1");
}

static void
test_elsewhere (void)
{
  g_autoptr (NMConnection) connection = connection_with ("auth=eap;gateway=a.example");
  g_autoptr (NMConnection) result = nm_simple_connection_new ();
  g_autoptr (Form) form = NULL;
  NMSettingVpn *setting = nm_connection_get_setting_vpn (connection);
  g_autofree char *fallback = NULL;

  g_object_set (setting, NM_SETTING_VPN_USER_NAME, "bob", NM_SETTING_VPN_TIMEOUT, 77, NM_SETTING_VPN_PERSISTENT, TRUE,
                NULL);
  form = form_new (connection);
  fallback = form_default_text (form, at ("user"));
  g_assert_cmpstr (fallback, ==, "bob");
  {
    g_autoptr (Form) another = form_with ("auth=eap;gateway=a.example");
    g_autofree char *name = form_default_text (another, at ("user"));

    g_assert_cmpstr (name, ==, g_get_user_name ());
  }
  g_assert_cmpstr (form_get (form, at (FIELD_PERSISTENT)), ==, "yes");
  form_set (form, at ("gateway"), "b.example");
  form_check (form);
  g_assert_true (form_store (form, result, NULL));
  setting = nm_connection_get_setting_vpn (result);
  g_assert_cmpstr (nm_setting_vpn_get_user_name (setting), ==, "bob");
  g_assert_cmpuint (nm_setting_vpn_get_timeout (setting), ==, 77);
  g_assert_true (nm_setting_vpn_get_persistent (setting));
  form_set (form, at (FIELD_PERSISTENT), "no");
  form_check (form);
  g_assert_true (form_store (form, result, NULL));
  g_assert_false (nm_setting_vpn_get_persistent (nm_connection_get_setting_vpn (result)));
}

/* Where the profile takes a code it can be given; it is asked for where the method is there for codes. */
static void
test_code (void)
{
  static const struct {
    const char *items;
    gboolean shown;
    NMSettingSecretFlags storage;
  } cases[] = {
    { "auth=eap;gateway=a", TRUE, NM_SETTING_SECRET_FLAG_AGENT_OWNED },
    { "auth=eap;gateway=a;otp-flags=2", TRUE, NM_SETTING_SECRET_FLAG_NOT_SAVED },
    { "auth=eap;eap=gtc;gateway=a", TRUE, NM_SETTING_SECRET_FLAG_NOT_SAVED },
    { "auth=eap;eap=ttls;gateway=a", TRUE, NM_SETTING_SECRET_FLAG_AGENT_OWNED },
    { "auth=eap;eap-phase2=gtc;eap=peap;gateway=a", TRUE, NM_SETTING_SECRET_FLAG_NOT_SAVED },
    { "auth=eap;eap-phase2=mschapv2;eap=peap;gateway=a", FALSE, NM_SETTING_SECRET_FLAG_AGENT_OWNED },
    { "auth=cert;certificate=/a;gateway=a", FALSE, NM_SETTING_SECRET_FLAG_AGENT_OWNED },
    { "auth2=eap;auth=cert;certificate=/a;gateway=a", TRUE, NM_SETTING_SECRET_FLAG_AGENT_OWNED },
  };
  static const char *const steps[][3] = {
    { "eap", "gtc", "auth=eap;eap=gtc;gateway=a;otp-flags=2;password-flags=1" },
    { "eap", "ttls", "auth=eap;eap=ttls;gateway=a;password-flags=1" },
    { "eap-phase2", "gtc", "auth=eap;eap-phase2=gtc;eap=ttls;gateway=a;otp-flags=2;password-flags=1" },
    { "eap", "auto", "auth=eap;gateway=a;password-flags=1" },
  };
  g_autoptr (Form) fresh = form_empty (), old = form_with ("auth=eap;gateway=a;password-flags=1");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Form) form = form_with (cases[i].items);

      g_test_message ("%s", cases[i].items);
      g_assert_cmpint (form_shows (form, secret_at ("otp")), ==, cases[i].shown);
      g_assert_cmpint (form_get_storage (form, secret_at ("otp")), ==, cases[i].storage);
      assert_stored (form, cases[i].items);
    }
  form_set (fresh, at ("gateway"), "a");
  form_set (fresh, at ("eap"), "gtc");
  assert_stored (fresh, "auth=eap;eap=gtc;gateway=a;otp-flags=2;password-flags=1");
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      form_set (old, at (steps[i][0]), steps[i][1]);
      assert_stored (old, steps[i][2]);
    }
  form_set_storage (old, secret_at ("otp"), NM_SETTING_SECRET_FLAG_NONE);
  form_set (old, secret_at ("otp"), "123456");
  assert_stored (old, "auth=eap;gateway=a;otp-flags=0;password-flags=1;!otp=123456");
}

/* ---- what is said ---- */

/* A key of a newer version, or a misspelt one, is told, and is in nobody's way. */
static void
test_unknown (void)
{
  static const struct {
    const char *items, *problem;
  } cases[] = {
    { "auth=eap;gateway=a;x-mine=1", NULL },
    { "auth=eap;dpd-dely=1m;gateway=a",
      "There is no key “dpd-dely”; did you mean dpd-delay? "
      "This stays in the connection, which is refused when it is activated." },
    { "auth=eap;gateway=a;psk=x;warp-drive-coils=9;!warp-drive-coils=s",
      "Psk is a secret; it belongs into vpn.secrets. There is no key “warp-drive-coils”; see nm-settings-ipsec(5). "
      "There is no secret “warp-drive-coils”; see nm-settings-ipsec(5). "
      "This stays in the connection, which is refused when it is activated." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Form) form = form_with (cases[i].items);
      g_auto (GStrv) parts = g_strsplit (cases[i].items, "gateway=a", 2);
      g_autofree char *changed = g_strjoinv ("gateway=b.example", parts), *error = NULL;

      g_assert_cmpstr (form_problem (form), ==, cases[i].problem);
      assert_stored (form, cases[i].items);
      form_set (form, at ("gateway"), "b.example");
      assert_stored (form, changed);
      form_set (form, at ("gateway"), "b b");
      error = stored (form);
      g_assert_cmpstr (error, ==, "Gateway: “b b” is neither a host name nor an address."); /* that still is */
    }
}

static void
test_errors (void)
{
  g_autoptr (Form) form = form_with ("auth=eap;gateway=a.example");
  g_autoptr (NMConnection) untouched = connection_with ("gateway=old");
  g_autoptr (GError) error = NULL;
  const char *note;

  form_set (form, at ("gateway"), "a b");
  form_check (form);
  g_assert_cmpint (form_note (form, at ("gateway"), &note), ==, NOTE_ERROR);
  g_assert_cmpstr (note, ==, "“a b” is neither a host name nor an address.");
  g_assert_false (form_store (form, untouched, &error));
  g_assert_cmpstr (error->message, ==, "Gateway: “a b” is neither a host name nor an address.");
  g_assert_cmpstr (nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (untouched), "gateway"), ==, "old");
  form_set (form, at ("gateway"), "a");
  form_set (form, at ("mtu"), "12");
  assert_stored (form, "Largest Packet (MTU): “12” is out of range; it must be 576 to 65535, or auto.");
  form_set (form, at ("mtu"), "");
  assert_stored (form, "auth=eap;gateway=a");
}

static void
test_algorithms (void)
{
  g_autoptr (Form) form = form_with ("auth=eap;gateway=a.example");
  const char *note;

  g_assert_cmpstr (form_get (form, at (FIELD_ALGORITHMS)), ==, "default");
  g_assert_false (form_shows (form, at ("ike")));
  form_set (form, at (FIELD_ALGORITHMS), "legacy");
  assert_stored (form, "auth=eap;esp=legacy;gateway=a.example;ike=legacy");
  form_set (form, at (FIELD_ALGORITHMS), ALGORITHMS_CUSTOM);
  g_assert_true (form_shows (form, at ("ike")) && form_shows (form, at ("esp")));
  form_set (form, at ("ike"), "aes256gcm17");
  form_check (form);
  g_assert_cmpint (form_note (form, at ("ike"), &note), ==, NOTE_ERROR);
  form_set (form, at ("ike"), "3des-sha1-modp1024");
  form_check (form);
  g_assert_cmpint (form_note (form, at ("ike"), &note), ==, NOTE_WARNING);
  g_assert_nonnull (strstr (note, "3des"));
  form_set (form, at (FIELD_ALGORITHMS), "default");
  assert_stored (form, "auth=eap;gateway=a.example");
}

/* A legacy gateway signs with SHA-1, unless somebody does not want that. */
static void
test_sha1 (void)
{
  g_autoptr (Form) form = form_with ("auth=eap;esp=legacy;gateway=a;ike=legacy");

  g_assert_cmpstr (form_get (form, at ("rsa-sha1")), ==, "");
  form_set (form, at ("rsa-sha1"), "no");
  assert_stored (form, "auth=eap;esp=legacy;gateway=a;ike=legacy;rsa-sha1=no");
  form_set (form, at ("rsa-sha1"), "yes");
  assert_stored (form, "auth=eap;esp=legacy;gateway=a;ike=legacy;rsa-sha1=yes");
  form_set (form, at ("rsa-sha1"), "");
  assert_stored (form, "auth=eap;esp=legacy;gateway=a;ike=legacy");
}

/* What this version cannot do is not offered, but what stands in a connection is seen. */
static void
test_unsupported (void)
{
  g_autoptr (Form) form = form_with ("auth=eap;gateway=a.example");
  const char *except;

  for (guint i = 0; i < field_count (); i++)
    {
      const Field *field = field_at (i);
      const IpsecKey *key = field_key (field);

      if (key == NULL || key->secret || field->kind != FIELD_CHOICE)
        continue;
      for (guint j = 0; field->choices[j].word != NULL; j++)
        {
          const char *word = field->choices[j].word;

          /* (see test_restricted) */
          if (word[0] != '\0' && strcmp (word, "listen") != 0 && strcmp (word, "transport") != 0 &&
              strcmp (word, form_get (form, i)) != 0)
            g_assert_cmpint (form_offers (form, i, word), ==, ipsec_supported_check (key->name, word, NULL, NULL));
        }
    }
  if (g_strcmp0 (ipsec_unsupported_values ("mark", FALSE, &except), "*") == 0)
    {
      g_autoptr (Form) marked = form_with ("auth=eap;gateway=a.example;mark=1");

      g_assert_false (form_shows (form, at ("mark")));
      g_assert_true (form_shows (marked, at ("mark")));
      assert_stored (marked, "Firewall Mark: This version cannot do it yet; leave the key out.");
      form_set (marked, at ("mark"), "");
      assert_stored (marked, "auth=eap;gateway=a.example");
    }
}

/* What is offered can be saved, or asks for something else: else its profile is one that nobody can have. */
static void
test_restricted (void)
{
  static const struct {
    const char *items, *name, *word;
    gboolean offered;
  } cases[] = {
    { "auth=eap;gateway=a", "start", "listen", FALSE },
    { "auth=psk;gateway=a;role=peer", "start", "listen", TRUE },
    { "auth=psk;role=server", "start", "ondemand", FALSE },
    { "auth=psk;role=server;start=ondemand", "start", "ondemand", TRUE },
    { "auth=eap;gateway=a", "mode", "transport", FALSE },
    { "auth=psk;gateway=a;role=peer", "mode", "transport", TRUE },
    { "auth=psk;role=server", "interface", "none", FALSE },
    { "auth=psk;gateway=a;role=peer", "interface", "none", TRUE },
    { "auth=eap;gateway=a", "remote-auth", "eap-only", TRUE },
    { "auth=psk;gateway=a", "remote-auth", "eap-only", FALSE },
    { "auth=psk;gateway=a;role=peer", "remote-auth", "rsa", TRUE },
    { "auth=psk;role=server", "remote-auth", "rsa", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Form) form = form_with (cases[i].items);
      gboolean can = ipsec_supported_check (cases[i].name, cases[i].word, NULL, NULL);

      g_test_message ("%s: %s=%s", cases[i].items, cases[i].name, cases[i].word);
      g_assert_cmpint (form_offers (form, at (cases[i].name), cases[i].word), ==,
                       cases[i].offered && (can || strstr (cases[i].items, cases[i].word) != NULL));
    }
}

/* Is the word, in one of these connections, not what is wrong? (It may ask for another field.) */
static gboolean
is_possible (const char *const *connections, guint field, const char *word)
{
  gboolean offered = FALSE, possible = FALSE;

  for (guint i = 0; connections[i] != NULL; i++)
    {
      g_autoptr (Form) form = form_with (connections[i]);
      const char *note;

      if (!form_shows (form, field) || !form_offers (form, field, word))
        continue;
      offered = TRUE;
      form_set (form, field, word);
      form_check (form);
      possible |= form_problem (form) == NULL && form_note (form, field, &note) != NOTE_ERROR;
    }
  return possible || !offered;
}

static void
test_offered (void)
{
  static const char *const kinds[][4] = {
    { "auth=eap;gateway=a", "auth=cert;certificate=/a;gateway=a", NULL },
    { "auth=psk;gateway=a", "auth=null;gateway=a", NULL },
    { "auth=psk;gateway=a;role=peer;!psk=x", "auth=psk;gateway=a;role=peer;local-ts=10.1.0.0/16;remote-ts=10.2.0.0/16",
      "auth=psk;gateway=a;role=peer;start=ondemand;!psk=x", NULL },
    { "auth=cert;certificate=/a;gateway=a;role=peer",
      "auth=cert;certificate=/a;gateway=a;role=peer;local-ts=10.1.0.0/16;remote-ts=10.2.0.0/16", NULL },
    { "auth=cert;certificate=/a;pool=10.9.0.0/24;role=server", NULL },
    { "auth=cert;certificate=/a;pool=10.9.0.0/24;role=server;users=/u", NULL },
    { "auth=psk;pool=10.9.0.0/24;role=server", NULL },
    { "auth=cert;certificate=/a;private=10.0.0.0/8;role=mesh", NULL },
    { "auth=null;private=10.0.0.0/8;role=mesh", NULL },
    { "auth=psk;private=10.0.0.0/8;role=mesh", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint field = 0; field < field_count (); field++)
      for (const FieldChoice *choice = field_at (field)->choices; choice != NULL && choice->word != NULL; choice++)
        if (strcmp (field_at (field)->name, "role") != 0 && !is_possible (kinds[i], field, choice->word))
          {
            g_test_message ("%s: %s=%s", kinds[i][0], field_at (field)->name, choice->word);
            g_test_fail ();
          }
}

/* A connection without secrets can be saved although its agent has answered something, and that is not stored. */
static void
test_no_secret (void)
{
  g_autoptr (Form) form = form_with ("auth=cert;certificate=/a;gateway=a;!no-secret=true");

  assert_stored (form, "auth=cert;certificate=/a;gateway=a");
  form_set (form, at ("mtu"), "1400");
  form_check (form);
  assert_stored (form, "auth=cert;certificate=/a;gateway=a;mtu=1400");
}

static void
test_titles (void)
{
  g_autoptr (Form) client = form_with ("auth=eap;gateway=a"), server = form_with ("auth=psk;role=server");

  g_assert_cmpstr (form_title (client, at ("remote-id")), ==, "_Identity of the Gateway");
  g_assert_cmpstr (form_title (server, at ("remote-id")), ==, "_Identity of the Clients");
  assert_stored (server, "IPv4 Addresses for Clients: Enter the addresses that clients get, like 10.9.0.0/24.");
  form_set (server, at ("pool"), "10.9.0.0/24");
  form_set (server, at ("remote-id"), "@");
  form_check (server);
  {
    g_autofree char *text = stored (server);

    g_assert_true (g_str_has_prefix (text, "Identity of the Clients: "));
  }
}

/* What stands grey in an empty field is what is taken for it. */
static void
test_networks (void)
{
  static const char *const cases[][3] = {
    { "auth=eap;gateway=a.example", "Everything", "The Address We Get" },
    { "auth=psk;gateway=a.example;role=peer", "a.example", "Automatic" },
    { "auth=psk;gateway=a.example,b.example;role=peer", "Automatic", "Automatic" },
    { "auth=psk;role=peer", "Automatic", "Automatic" },
    { "auth=psk;role=server", NULL, "Everything" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Form) form = form_with (cases[i][0]);
      g_autofree char *remote = form_default_text (form, at ("remote-ts")),
                      *local = form_default_text (form, at ("local-ts"));

      g_assert_cmpint (form_shows (form, at ("remote-ts")), ==, cases[i][1] != NULL);
      if (cases[i][1] != NULL)
        g_assert_cmpstr (remote, ==, cases[i][1]);
      g_assert_cmpstr (local, ==, cases[i][2]);
    }
}

/* Hostile words anywhere must not upset it. */
static void
test_odd (void)
{
  static const char *const odd[] = { "", " ", "_", "\n", "=", "%s%n", "\xff\xfe", "“", "{x}", ": ", "a: b" };

  for (guint i = 0; i < field_count (); i++)
    {
      g_autoptr (Form) form = form_with ("auth=eap;gateway=a.example");

      /* every word somewhere, not everywhere: it is a form for each */
      for (guint j = i % 4; j < G_N_ELEMENTS (odd); j += 4)
        {
          g_autofree char *text = NULL, *fallback = NULL;

          form_set (form, i, odd[j]);
          text = stored (form);
          fallback = form_default_text (form, i);
          g_assert_cmpstr (text, !=, "");
        }
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/table", test_table);
  g_test_add_func ("/form/choices", test_choices);
  g_test_add_func ("/form/conditions", test_conditions);
  g_test_add_func ("/form/new", test_new);
  g_test_add_func ("/form/sign-in", test_sign_in);
  g_test_add_func ("/form/untouched", test_untouched);
  g_test_add_func ("/form/sign-in-derived", test_sign_in_derived);
  g_test_add_func ("/form/switch", test_switch);
  g_test_add_func ("/form/switch-storage", test_switch_storage);
  g_test_add_func ("/form/elsewhere", test_elsewhere);
  g_test_add_func ("/form/code", test_code);
  g_test_add_func ("/form/unknown", test_unknown);
  g_test_add_func ("/form/errors", test_errors);
  g_test_add_func ("/form/algorithms", test_algorithms);
  g_test_add_func ("/form/sha1", test_sha1);
  g_test_add_func ("/form/unsupported", test_unsupported);
  g_test_add_func ("/form/restricted", test_restricted);
  g_test_add_func ("/form/offered", test_offered);
  g_test_add_func ("/form/titles", test_titles);
  g_test_add_func ("/form/no-secret", test_no_secret);
  g_test_add_func ("/form/networks", test_networks);
  g_test_add_func ("/form/odd", test_odd);
  return g_test_run ();
}
