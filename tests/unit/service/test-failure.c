/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of failures is complete, consistent, and says what to do; details from a peer do no harm. */
#include "nm/failure.h"

#include <string.h>

/* Only these: another user name or secret may help. For everything else "invalid secrets" would be a lie. */
static const guint login_failures[] = {
  IKE_REASON_PEER_REFUSED_US, IKE_REASON_EAP_REFUSED, IKE_REASON_SECRET_MISSING, FAILURE_KEY_NEEDS_PASSWORD,
  FAILURE_KEY_PASSWORD_WRONG, FAILURE_PIN_MISSING,    FAILURE_PIN_WRONG,
};

static const guint reasons[] = {
#define IKE_REASON(name, who, detail) IKE_REASON_##name,
#include "base/reason.def"
#undef IKE_REASON
};

/* What helper-client.c brings in the service; nothing else of it is needed here. */
G_DEFINE_QUARK (helper - credential - error, helper_credential_error)

static gboolean
is_login (guint code)
{
  for (guint i = 0; i < G_N_ELEMENTS (login_failures); i++)
    if (login_failures[i] == code)
      return TRUE;
  return FALSE;
}

static void
check_row (guint code, GHashTable *ids)
{
  const FailureRow *row = failure_row (code);
  const char *p;

  if (!row)
    g_error ("no row for %u", code);
  g_assert_cmpuint (row->code, ==, code);
  g_assert_cmpuint (strlen (row->message_id), ==, 32);
  g_assert_cmpuint (strspn (row->message_id, "0123456789abcdef"), ==, 32);
  g_assert_true (g_hash_table_add (ids, (gpointer) row->message_id));
  g_assert_true (g_hash_table_add (ids, (gpointer) row->name));
  g_assert_true (g_utf8_validate (row->sentence, -1, NULL));
  g_assert_true (g_str_has_suffix (row->sentence, "."));
  g_assert_false (g_ascii_islower (row->sentence[0]));
  g_assert_null (strstr (row->sentence, "  "));
  /* an internal name is no sentence */
  g_assert_null (strstr (row->sentence, row->name));
  for (p = strchr (row->sentence, '{'); p; p = strchr (p + 1, '{'))
    g_assert_true (g_str_has_prefix (p, "{gateway}"));
  if (is_login (code))
    g_assert_cmpint (row->nm_failure, ==, NM_VPN_PLUGIN_FAILURE_LOGIN_FAILED);
  else
    g_assert_cmpint (row->nm_failure, !=, NM_VPN_PLUGIN_FAILURE_LOGIN_FAILED);
}

static void
test_complete (void)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      if (reasons[i] == IKE_REASON_NONE)
        continue;
      check_row (reasons[i], ids);
      g_assert_cmpstr (failure_row (reasons[i])->name, ==, ike_reason_code_name (reasons[i]));
      n++;
    }
  for (guint code = FAILURE_FIRST_OWN; code < FAILURE_N_OWN_END; code++, n++)
    check_row (code, ids);
  g_assert_cmpuint (g_hash_table_size (ids), ==, 2 * n);
  g_assert_null (failure_row (IKE_REASON_NONE));
  g_assert_null (failure_row (G_N_ELEMENTS (reasons)));
  g_assert_null (failure_row (FAILURE_N_OWN_END));
}

/* More than what happened: what to do. */
static void
test_says_what_to_do (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      const FailureRow *row = failure_row (reasons[i]);
      const char *stop = row ? strchr (row->sentence, '.') : NULL;

      if (!row || reasons[i] == IKE_REASON_USER_STOP)
        continue;
      g_test_message ("%s", row->name);
      g_assert_cmpuint (strlen (stop), >, 10);
    }
}

static void
test_text (void)
{
  g_autoptr (Failure) with = failure_new (IKE_REASON_NO_RESPONSE, "vpn.example.org", "192.0.2.1:500, 18 s");
  g_autoptr (Failure) without = failure_new (IKE_REASON_NO_RESPONSE, NULL, NULL);
  g_autoptr (Failure) empty = failure_new (IKE_REASON_NO_RESPONSE, "", " \n ");

  g_assert_true (g_str_has_prefix (with->text, "The gateway vpn.example.org does not answer."));
  g_assert_true (g_str_has_suffix (with->text, " Details: 192.0.2.1:500, 18 s"));
  g_assert_cmpstr (with->detail, ==, "192.0.2.1:500, 18 s");
  g_assert_true (g_str_has_prefix (without->text, "The gateway (unknown) does not answer."));
  g_assert_true (g_str_has_suffix (without->text, "."));
  g_assert_null (without->detail);
  g_assert_cmpstr (empty->text, ==, without->text);
}

/* Both lists of a refused proposal reach the user. */
static void
test_proposals (void)
{
  g_auto (IkeReason) reason = { 0 };
  g_autoptr (Failure) failure = NULL;

  ike_reason_set (&reason, IKE_REASON_NO_PROPOSAL_CHOSEN, 14, "we offered AES_GCM_16_256/PRF_HMAC_SHA2_384/CURVE25519");
  failure = failure_new_from_reason (&reason, "gw");
  g_assert_nonnull (strstr (failure->text, "we offered AES_GCM_16_256/PRF_HMAC_SHA2_384/CURVE25519"));
  g_assert_nonnull (strstr (failure->text, "ike"));
}

static void
test_hostile_detail (void)
{
  g_autoptr (Failure) failure =
      failure_new (IKE_REASON_CERT_UNKNOWN_CA, "gw{detail}", "CN=\x1b[2J{gateway}{sentence}%s%n\nO=x\xff\xe2\x80\xae");
  g_autofree char *huge = g_strnfill (100000, 'x');
  g_autoptr (Failure) long_one = failure_new (IKE_REASON_CERT_UNKNOWN_CA, huge, huge);

  g_assert_true (g_utf8_validate (failure->text, -1, NULL));
  g_assert_null (strpbrk (failure->text, "\n\x1b"));
  g_assert_nonnull (strstr (failure->text, "{gateway}{sentence}%s%n"));
  g_assert_null (strstr (failure->text, "\xe2\x80\xae"));
  g_assert_cmpuint (strlen (long_one->text), <, 2 * LOG_MAX_TEXT);
}

static void
test_errors (void)
{
  static const struct {
    HelperCredentialError code;
    guint failure;
  } cases[] = {
    { HELPER_CREDENTIAL_ERROR_NOT_FOUND, FAILURE_FILE_NOT_FOUND },
    { HELPER_CREDENTIAL_ERROR_BAD_FILE, FAILURE_FILE_BAD },
    { HELPER_CREDENTIAL_ERROR_NEED_PASSWORD, FAILURE_KEY_NEEDS_PASSWORD },
    { HELPER_CREDENTIAL_ERROR_BAD_PASSWORD, FAILURE_KEY_PASSWORD_WRONG },
    { HELPER_CREDENTIAL_ERROR_MISMATCH, FAILURE_KEY_MISMATCH },
    { HELPER_CREDENTIAL_ERROR_NO_TOKEN, FAILURE_TOKEN_MISSING },
    { HELPER_CREDENTIAL_ERROR_NO_OBJECT, FAILURE_TOKEN_OBJECT },
    { HELPER_CREDENTIAL_ERROR_NEED_PIN, FAILURE_PIN_MISSING },
    { HELPER_CREDENTIAL_ERROR_BAD_PIN, FAILURE_PIN_WRONG },
    { HELPER_CREDENTIAL_ERROR_PIN_LOCKED, FAILURE_PIN_LOCKED },
  };
  g_autoptr (GError) other = g_error_new_literal (G_IO_ERROR, 0, "other");
  g_autoptr (Failure) fallback = failure_new_from_error (other, FAILURE_LINK, NULL);
  g_autoptr (Failure) nothing = failure_new_from_error (NULL, FAILURE_LINK, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error =
          g_error_new_literal (HELPER_CREDENTIAL_ERROR, (int) cases[i].code, "/etc/c.pem: no such file");
      g_autoptr (Failure) failure = failure_new_from_error (error, IKE_REASON_HELPER, NULL);

      g_assert_cmpuint (failure->row->code, ==, cases[i].failure);
      g_assert_nonnull (strstr (failure->text, "/etc/c.pem"));
    }
  g_assert_cmpuint (fallback->row->code, ==, FAILURE_LINK);
  g_assert_cmpuint (nothing->row->code, ==, FAILURE_LINK);
}

static void
test_no_reason (void)
{
  IkeReason reason = { 0 };
  g_autoptr (Failure) failure = failure_new_from_reason (&reason, NULL);

  g_assert_cmpuint (failure->row->code, ==, IKE_REASON_HELPER);
}

static void
test_asks (void)
{
  g_autoptr (GHashTable) texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (FailureAsk ask = FAILURE_ASK_PASSWORD; ask <= FAILURE_ASK_PPK_AGAIN; ask++)
    {
      char *text = failure_ask_text (ask, "gw", NULL);

      g_assert_true (g_str_has_suffix (text, "."));
      g_assert_null (strchr (text, '{'));
      g_assert_true (g_hash_table_add (texts, text));
    }
}

/* ---- the journal line ---- */

typedef struct {
  guint lines;
  IkeLogLevel level;
  char *text, *uuid, *reason, *message_id, *device;
} Seen;

static void
on_line (IkeLogLevel level, const LogFields *fields, const char *text, gpointer data)
{
  Seen *seen = data;

  seen->lines++;
  seen->level = level;
  g_free (seen->text);
  g_free (seen->uuid);
  g_free (seen->reason);
  g_free (seen->message_id);
  g_free (seen->device);
  seen->text = g_strdup (text);
  seen->uuid = g_strdup (fields->uuid);
  seen->reason = g_strdup (fields->reason);
  seen->message_id = g_strdup (fields->message_id);
  seen->device = g_strdup (fields->device);
}

static void
seen_clear (Seen *seen)
{
  g_free (seen->text);
  g_free (seen->uuid);
  g_free (seen->reason);
  g_free (seen->message_id);
  g_free (seen->device);
  log_set_writer (NULL, NULL);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static void
test_journal (void)
{
  g_auto (Seen) seen = { 0 };
  g_autoptr (Failure) failure = failure_new (IKE_REASON_TS_UNACCEPTABLE, "gw", "10.0.0.0/8");

  log_set_writer (on_line, &seen);
  failure_log (failure, "uuid-1", "eth0");
  g_assert_cmpuint (seen.lines, ==, 1);
  g_assert_cmpint (seen.level, ==, IKE_LOG_ERROR);
  g_assert_cmpstr (seen.text, ==, failure->text);
  g_assert_cmpstr (seen.uuid, ==, "uuid-1");
  g_assert_cmpstr (seen.device, ==, "eth0");
  g_assert_cmpstr (seen.reason, ==, "TS_UNACCEPTABLE");
  g_assert_cmpstr (seen.message_id, ==, failure->row->message_id);
}

static void
test_levels (void)
{
  static const struct {
    const char *value;
    IkeLogLevel most; /* that is written */
  } cases[] = {
    { NULL, 5 }, { "0", 0 }, { "3", 3 },  { "4", 4 },  { "5", 5 },   { "6", 6 },  { "7", 7 },
    { "8", 5 },  { "", 5 },  { "-1", 5 }, { "77", 5 }, { "6\n", 5 }, { " 6", 5 }, { "debug", 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (cases[i].value)
        g_setenv ("NM_VPN_LOG_LEVEL", cases[i].value, TRUE);
      else
        g_unsetenv ("NM_VPN_LOG_LEVEL");
      log_init (FALSE);
      for (int level = 3; level <= 7; level++)
        g_assert_cmpint (log_enabled (level), ==, level <= (int) cases[i].most);
    }
  log_set_level (6);
  g_assert_true (log_enabled (6));
  log_set_level (1000);
  g_assert_true (log_enabled (7));
  log_set_level (-1);
  g_assert_false (log_enabled (6));
  log_init (TRUE);
  g_assert_true (log_enabled (7));
  log_set_level (3);
  g_assert_true (log_enabled (7));
  g_unsetenv ("NM_VPN_LOG_LEVEL");
  log_init (FALSE);
}

static void
test_lines (void)
{
  g_auto (Seen) seen = { 0 };
  g_autofree char *huge = g_strnfill (LOG_MAX_TEXT + 10, 'x');
  IkeLog log = { .level = IKE_LOG_WARNING, .event = "state", .text = (char *) "one\ntwo\x7f\xff" };

  log_set_writer (on_line, &seen);
  log_write (IKE_LOG_ERROR, NULL, huge);
  g_assert_cmpuint (strlen (seen.text), ==, LOG_MAX_TEXT);
  log_engine (NULL, &log);
  g_assert_cmpstr (seen.text, ==, "one two \xef\xbf\xbd");
  log.text = NULL;
  log_engine (NULL, &log);
  g_assert_cmpstr (seen.text, ==, "");
  log_write (IKE_LOG_DEBUG, NULL, "not wanted");
  log_printf (IKE_LOG_DEBUG, NULL, "%s", "not wanted");
  g_assert_cmpuint (seen.lines, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/failure/complete", test_complete);
  g_test_add_func ("/failure/says-what-to-do", test_says_what_to_do);
  g_test_add_func ("/failure/text", test_text);
  g_test_add_func ("/failure/proposals", test_proposals);
  g_test_add_func ("/failure/hostile-detail", test_hostile_detail);
  g_test_add_func ("/failure/errors", test_errors);
  g_test_add_func ("/failure/no-reason", test_no_reason);
  g_test_add_func ("/failure/asks", test_asks);
  g_test_add_func ("/failure/journal", test_journal);
  g_test_add_func ("/log/levels", test_levels);
  g_test_add_func ("/log/lines", test_lines);
  return g_test_run ();
}
