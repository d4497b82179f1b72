"""The main journey in its steps: from a rule pack to a revoked certificate."""

from collections.abc import Callable

from tests.story import certificate, exam, rules, training
from tests.story.state import Journey

STEPS: tuple[Callable[[Journey], str], ...] = (
    rules.the_clock_is_set_to_the_first_day,
    rules.a_regulator_proposes_a_syllabus,
    rules.the_same_regulator_cannot_confirm_it,
    rules.a_second_regulator_publishes_it,
    training.the_base_plans_a_cohort,
    training.the_cohort_opens,
    training.the_base_imports_a_roster_of_forty,
    training.trainees_open_their_invitations,
    training.trainees_confirm_their_enrolment,
    training.trainees_open_every_lesson,
    training.trainees_pass_every_quiz,
    training.trainees_collect_their_class_hours,
    exam.the_author_imports_items,
    exam.an_examiner_drafts_a_blueprint,
    exam.a_second_examiner_freezes_the_paper,
    exam.an_examiner_opens_a_session,
    exam.candidates_are_registered_with_reasons,
    exam.every_paper_is_prepared,
    exam.candidates_start_on_the_day,
    exam.answers_are_saved_as_they_are_given,
    exam.a_repeated_save_is_taken_once,
    exam.another_machine_shows_the_last_state,
    exam.candidates_hand_in,
    exam.the_sittings_are_marked,
    exam.one_examiner_proposes_the_release,
    exam.another_examiner_releases,
    exam.candidates_read_their_results,
    certificate.the_examiner_cannot_award,
    certificate.a_certifier_awards_the_levels,
    certificate.the_issuer_prepares_a_batch,
    certificate.a_second_issuer_approves_it,
    certificate.the_holder_downloads_the_certificate,
    certificate.anyone_verifies_it,
    certificate.an_edited_certificate_fails,
    certificate.an_independent_program_verifies_it,
    certificate.a_certificate_is_revoked,
    certificate.verification_says_so,
    certificate.a_holder_agrees_to_publish_the_name,
    certificate.the_register_says_so,
    certificate.the_clock_goes_back_to_real_time,
)
