/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of an SA by themselves: window, fragments, selectors. */
#include "sa/fragments.h"
#include "sa/select.h"
#include "sa/window.h"

static IkeSkOpened
piece (guint16 fragment, guint16 total, gsize len, char fill)
{
  IkeSkOpened opened = { .inner = ike_secret_new (len), .fragment = fragment, .total = total };

  opened.first_inner = fragment == 1 ? IKE_PAYLOAD_IDI : 0;
  memset (ike_secret_data (opened.inner), fill, len);
  return opened;
}

static gboolean
add (IkeFragments *fragments, guint16 fragment, guint16 total, gsize len)
{
  g_auto (IkeSkOpened) opened = piece (fragment, total, len, (char) ('0' + fragment));

  return ike_fragments_add (fragments, &opened);
}

static void
test_fragments (void)
{
  IkeFragments *list = NULL, *fragments = ike_fragments_new (&list, 7, FALSE, 2);
  g_autoptr (IkeSecret) whole = NULL;
  guint8 first;

  g_assert_true (ike_fragments_find (list, 7, FALSE) == fragments);
  g_assert_null (ike_fragments_find (list, 7, TRUE));
  g_assert_null (ike_fragments_find (list, 8, FALSE));
  /* numbers that cannot be */
  g_assert_false (ike_fragments_want (fragments, 0, 3));
  g_assert_false (ike_fragments_want (fragments, 4, 3));
  g_assert_false (ike_fragments_want (fragments, 1, IKE_MAX_FRAGMENTS + 1));
  g_assert_true (ike_fragments_want (fragments, IKE_MAX_FRAGMENTS, IKE_MAX_FRAGMENTS));
  g_assert_false (add (fragments, 2, 3, 2));
  g_assert_false (ike_fragments_want (fragments, 1, 2)); /* RFC 7383 section 2.6: never fewer */
  g_assert_false (add (fragments, 1, 3, 1));
  g_assert_false (ike_fragments_want (fragments, 1, 3)); /* there already */
  g_assert_true (add (fragments, 3, 3, 3));
  whole = ike_fragments_join (fragments, &first);
  g_assert_cmpmem (ike_secret_data (whole), ike_secret_len (whole), "122333", 6);
  g_assert_cmpuint (first, ==, IKE_PAYLOAD_IDI);
  ike_fragments_free (list);
}

/* RFC 7383 section 2.6: more and smaller ones: what was there is forgotten. */
static void
test_fragments_anew (void)
{
  IkeFragments *list = NULL, *fragments = ike_fragments_new (&list, 1, TRUE, 1);
  g_autoptr (IkeSecret) whole = NULL;
  guint8 first;

  g_assert_false (add (fragments, 1, 2, 10));
  g_assert_false (add (fragments, 2, 3, 1));
  g_assert_false (add (fragments, 3, 3, 1));
  g_assert_false (add (fragments, 2, 2, 10)); /* of the first attempt */
  g_assert_true (add (fragments, 1, 3, 1));
  whole = ike_fragments_join (fragments, &first);
  g_assert_cmpmem (ike_secret_data (whole), ike_secret_len (whole), "123", 3);
  ike_fragments_free (list);
}

static void
test_fragments_size (void)
{
  IkeFragments *list = NULL, *fragments = ike_fragments_new (&list, 1, FALSE, 1);

  g_assert_false (add (fragments, 1, 3, IKE_MAX_MESSAGE - 1));
  g_assert_false (add (fragments, 2, 3, 2));
  g_assert_true (ike_fragments_want (fragments, 2, 3)); /* it was not taken */
  g_assert_false (add (fragments, 2, 3, 1));
  g_assert_true (add (fragments, 3, 3, 0));
  ike_fragments_free (list);
}

static void
test_fragments_list (void)
{
  IkeFragments *list = NULL, *first = ike_fragments_new (&list, 1, FALSE, 2),
               *second = ike_fragments_new (&list, 2, FALSE, 2), *third;

  g_assert_false (add (first, 1, 2, 1));
  g_assert_false (add (second, 1, 2, 1));
  g_assert_true (add (first, 2, 2, 1)); /* the other one is none of its business */
  third = ike_fragments_new (&list, 1, TRUE, 2); /* one too many */
  g_assert_null (ike_fragments_find (list, 1, FALSE));
  g_assert_true (ike_fragments_find (list, 2, FALSE) == second);
  g_assert_true (ike_fragments_find (list, 1, TRUE) == third);
  ike_fragments_remove (&list, second);
  g_assert_true (list == third);
  ike_fragments_free (list);
}

static GPtrArray *
new_datagrams (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
test_window (void)
{
  IkeWindow window = { 0 };
  IkeRequest request = { 0 }, second = { 0 };
  IkeTime last = 0, sum = 0;

  g_assert_cmpint (ike_window_place (&window, 0), ==, IKE_WINDOW_NEW);
  g_assert_cmpint (ike_window_place (&window, 0xffffffff), ==, IKE_WINDOW_OUT);
  g_assert_cmpint (ike_window_place (&window, 1), ==, IKE_WINDOW_OUT);
  ike_window_respond (&window, 0, new_datagrams ());
  g_assert_cmpint (ike_window_place (&window, 0), ==, IKE_WINDOW_AGAIN);
  g_assert_cmpint (ike_window_place (&window, 1), ==, IKE_WINDOW_NEW);
  g_assert_cmpint (ike_window_place (&window, 2), ==, IKE_WINDOW_OUT);
  ike_window_respond (&window, 1, new_datagrams ());
  g_assert_cmpint (ike_window_place (&window, 0), ==, IKE_WINDOW_OUT);

  g_assert_true (ike_window_is_open (&window, NULL));
  ike_window_sent (&window, &request, new_datagrams (), 0);
  g_assert_cmpuint (request.id, ==, 0);
  g_assert_false (ike_window_is_open (&window, &request));
  ike_window_sent (&window, &request, new_datagrams (), 0); /* with other octets */
  g_assert_cmpuint (request.id, ==, 0);
  for (guint i = 0; i < 10; i++)
    {
      IkeTime interval = ike_request_back_off (&request, 20 * IKE_SECOND, 128);

      g_assert_cmpint (interval, >=, last);
      g_assert_cmpint (interval, <=, 20 * IKE_SECOND);
      last = interval;
      sum += interval;
    }
  g_assert_cmpint (sum, >, 75 * IKE_SECOND);
  ike_request_answered (&request);
  ike_window_sent (&window, &second, new_datagrams (), 0);
  g_assert_cmpuint (second.id, ==, 1);
  ike_request_answered (&second);
  ike_window_clear (&window);
}

/* RFC 7296 section 2.3: requests in any order, each once, and the answers as long as they can be asked for. */
static void
test_window_of_four (void)
{
  IkeWindow window = { .size = IKE_WINDOW, .expected = 10 };
  IkeRequest oldest = { .id = 20 };

  for (guint32 id = 10; id < 14; id++)
    g_assert_cmpint (ike_window_place (&window, id), ==, IKE_WINDOW_NEW);
  g_assert_cmpint (ike_window_place (&window, 14), ==, IKE_WINDOW_OUT);
  g_assert_cmpint (ike_window_place (&window, 9), ==, IKE_WINDOW_OUT);
  ike_window_respond (&window, 13, new_datagrams ());
  ike_window_respond (&window, 11, NULL);
  g_assert_cmpuint (window.expected, ==, 10);
  g_assert_cmpint (ike_window_place (&window, 13), ==, IKE_WINDOW_AGAIN);
  g_assert_cmpint (ike_window_place (&window, 11), ==, IKE_WINDOW_OUT); /* and never again */
  g_assert_cmpint (ike_window_place (&window, 14), ==, IKE_WINDOW_OUT);
  ike_window_respond (&window, 10, new_datagrams ());
  g_assert_cmpuint (window.expected, ==, 12);
  ike_window_respond (&window, 12, new_datagrams ());
  g_assert_cmpuint (window.expected, ==, 14);
  g_assert_nonnull (ike_window_answer (&window, 10));
  ike_window_respond (&window, 14, new_datagrams ());
  g_assert_null (ike_window_answer (&window, 10)); /* who sends 14 has the answer of 10 */
  g_assert_nonnull (ike_window_answer (&window, 12));
  ike_window_forget_answers (&window);

  window.next = 21;
  ike_window_permit (&window, 0); /* nonsense */
  g_assert_false (ike_window_is_open (&window, &oldest));
  ike_window_permit (&window, 2);
  g_assert_true (ike_window_is_open (&window, &oldest));
  window.next = 22;
  g_assert_false (ike_window_is_open (&window, &oldest));
  ike_window_permit (&window, G_MAXUINT32);
  g_assert_true (ike_window_is_open (&window, &oldest));
  window.next = 24;
  g_assert_false (ike_window_is_open (&window, &oldest)); /* more than we want */
}

/* RFC 7296 section 2.2: ids do not begin anew. */
static void
test_window_end (void)
{
  IkeWindow window = { .size = IKE_WINDOW, .expected = 0xfffffffd, .next = G_MAXUINT32 - 1 };
  IkeWindow worn = { .next = IKE_WINDOW_WORN - 1 }, theirs = { .expected = IKE_WINDOW_WORN };
  IkeRequest request = { 0 };

  for (guint32 id = 0xfffffffd; id; id++)
    g_assert_cmpint (ike_window_place (&window, id), ==, IKE_WINDOW_NEW);
  g_assert_cmpint (ike_window_place (&window, 0), ==, IKE_WINDOW_OUT);
  for (guint32 id = 0xfffffffd; id; id++)
    ike_window_respond (&window, id, new_datagrams ());
  g_assert_cmpuint (window.expected, ==, G_MAXUINT32);
  g_assert_cmpint (ike_window_place (&window, G_MAXUINT32), ==, IKE_WINDOW_AGAIN);
  g_assert_cmpint (ike_window_place (&window, 0), ==, IKE_WINDOW_OUT);
  g_assert_true (ike_window_is_open (&window, NULL));
  ike_window_sent (&window, &request, new_datagrams (), 0);
  g_assert_cmpuint (request.id, ==, G_MAXUINT32 - 1);
  g_assert_false (ike_window_is_open (&window, NULL));
  ike_request_answered (&request);
  ike_window_clear (&window);

  /* said once, and again after a while; by the end that has not made the IKE SA only if the other does nothing */
  g_assert_false (ike_window_is_worn (&worn, FALSE));
  worn.next++;
  g_assert_false (ike_window_is_worn (&worn, TRUE));
  g_assert_true (ike_window_is_worn (&worn, FALSE));
  g_assert_false (ike_window_is_worn (&worn, FALSE));
  worn.next += 0xffff;
  g_assert_false (ike_window_is_worn (&worn, FALSE));
  worn.next++;
  g_assert_true (ike_window_is_worn (&worn, FALSE));
  g_assert_false (ike_window_is_worn (&theirs, TRUE));
  g_assert_true (ike_window_is_worn (&theirs, FALSE));
  theirs = (IkeWindow){ .expected = IKE_WINDOW_WORN + 0x10000 };
  g_assert_true (ike_window_is_worn (&theirs, TRUE));
  theirs.expected = G_MAXUINT32;
  g_assert_true (ike_window_is_worn (&theirs, TRUE));

  g_assert_false (ike_window_is_spent (&worn));
  worn.next = IKE_WINDOW_END;
  g_assert_true (ike_window_is_spent (&worn));
  g_assert_true (ike_window_is_spent (&theirs));
}

/* ---- selectors ---- */

static void
append (GArray *selectors, const char *first, const char *last, guint8 protocol, guint16 port_first, guint16 port_last)
{
  IkeSelector selector = { .protocol = protocol, .port_first = port_first, .port_last = port_last };

  g_assert_true (ike_address_from_string (first, &selector.first));
  g_assert_true (ike_address_from_string (last, &selector.last));
  g_array_append_val (selectors, selector);
}

static void
test_narrow (void)
{
  g_autoptr (GArray) offered = ike_select_new ();
  g_autoptr (GArray) allowed = ike_select_new ();
  g_autoptr (GArray) narrowed = NULL;
  g_autoptr (GArray) none = NULL;
  g_autoptr (GArray) empty = ike_select_new ();
  g_autofree char *text = NULL;

  ike_select_add_all (offered, IKE_FAMILY_IP4);
  ike_select_add_all (offered, IKE_FAMILY_IP6);
  append (allowed, "10.0.0.0", "10.0.0.255", 6, 443, 443);
  append (allowed, "10.0.0.0", "10.0.0.255", 6, 443, 443); /* the same twice */
  append (allowed, "2001:db8::", "2001:db8::ff", 0, 0, 65535);
  narrowed = ike_select_narrow (offered, allowed);
  g_assert_cmpuint (narrowed->len, ==, 2);
  g_assert_true (ike_select_within (narrowed, offered));
  g_assert_true (ike_select_within (narrowed, allowed));
  g_assert_false (ike_select_within (offered, allowed));
  g_assert_false (ike_select_within (empty, offered));
  text = ike_select_to_string (narrowed);
  g_assert_nonnull (strstr (text, "10.0.0.0/24"));
  /* nothing in common: another family, protocol, port, range */
  append (empty, "10.0.0.0", "10.0.0.255", 17, 443, 443);
  append (empty, "10.0.0.0", "10.0.0.255", 6, 80, 80);
  append (empty, "10.0.1.0", "10.0.1.255", 6, 443, 443);
  none = ike_select_narrow (empty, allowed);
  g_assert_cmpuint (none->len, ==, 0);
}

/* OPAQUE is nothing that we could have, and does not keep us from what stands beside it. */
static void
test_opaque (void)
{
  g_autoptr (GArray) offered = ike_select_new ();
  g_autoptr (GArray) opaque = ike_select_new ();
  g_autoptr (GArray) any = ike_select_new ();
  g_autoptr (GArray) none = NULL;
  g_autoptr (GArray) narrowed = NULL;
  g_autofree char *text = NULL;

  ike_select_add_all (any, IKE_FAMILY_IP4);
  append (opaque, "10.0.0.0", "10.0.0.255", 6, 65535, 0);
  none = ike_select_narrow (opaque, any);
  g_assert_cmpuint (none->len, ==, 0);
  append (offered, "10.0.0.0", "10.0.0.255", 6, 65535, 0);
  append (offered, "10.0.1.0", "10.0.1.255", 6, 0, 65535);
  narrowed = ike_select_narrow (offered, any);
  text = ike_select_to_string (narrowed);
  g_assert_cmpstr (text, ==, "10.0.1.0/24[6]");
  g_assert_false (ike_select_within (opaque, any));
  g_assert_false (ike_select_within (opaque, opaque));
}

static void
test_assignable (void)
{
  static const char *const good[] = { "10.0.0.1", "192.0.2.255", "223.255.255.254", "2001:db8::1", "fd00::1" };
  static const char *const bad[] = { "0.0.0.0",         "0.1.2.3", "127.0.0.1", "224.0.0.1",
                                     "255.255.255.255", "::",      "::1",       "ff02::1" };
  IkeAddress address;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (ike_address_from_string (good[i], &address));
      g_assert_true (ike_address_assignable (&address));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_true (ike_address_from_string (bad[i], &address));
      g_assert_false (ike_address_assignable (&address));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sa/fragments", test_fragments);
  g_test_add_func ("/sa/fragments/anew", test_fragments_anew);
  g_test_add_func ("/sa/fragments/size", test_fragments_size);
  g_test_add_func ("/sa/fragments/list", test_fragments_list);
  g_test_add_func ("/sa/window", test_window);
  g_test_add_func ("/sa/window/four", test_window_of_four);
  g_test_add_func ("/sa/window/end", test_window_end);
  g_test_add_func ("/sa/select/narrow", test_narrow);
  g_test_add_func ("/sa/select/opaque", test_opaque);
  g_test_add_func ("/sa/select/assignable", test_assignable);
  return g_test_run ();
}
