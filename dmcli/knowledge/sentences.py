"""Every sentence the program says from the knowledge, and the blanks it can fill in it.

Knowledge with a sentence missing, or with a blank nobody fills, is refused when it is loaded.
"""

from dmcli.knowledge.screen_sentences import SCREEN


def _table(plain: str, blanks: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {**dict.fromkeys(plain.split(), ()), **{key: tuple(names.split()) for key, names in blanks.items()}}


# Each text of `data/texts.yaml` that the program uses: those without blanks, and the others with the blanks it may fill.
_TEXT_BLANKS = {
    "rhythm_other": "times days",
    "capped": "text",
    "arithmetic": "rate unit size body exact result",
    "rounded": "result unit step",
    "limited": "result unit",
    "course_max": "most unit",
    "course_adjusted": "dose unit",
    "course_text": "number text",
    "dose_missing": "facts",
    "adjusted_dose": "dose arithmetic",
    "infusion_volume": "volume strength",
    "infusion_rates": "steps minutes",
    "infusion_time": "hours minutes",
    "infusion_risk_open": "facts",
    "waits_judgement": "date",
    "waits_limit": "text",
    "waits_hold": "text",
    "waits_first_step": "name",
    "settle": "fact how",
    "settle_course": "name field",
    "settle_course_start": "name",
    "settle_course_dose": "name",
    "settle_course_courses": "name",
    "settle_course_given": "name",
    "settle_course_interval_weeks": "name",
    "settle_course_interval_courses": "name",
    "settle_course_outcome": "name",
    "settle_course_relapse_after": "name",
    "settle_course_running": "name",
    "variant_because": "facts",
    "sign_off": "text",
    "action_start": "name",
    "dose_capped": "name most",
    "action_restart": "name",
    "action_retry": "name",
    "action_continue": "name",
    "action_switch": "name",
    "action_add": "name",
    "review_continue": "name",
    "review_judged": "name judged",
    "review_open": "name",
    "review_left": "name",
    "review_left_referred": "name",
    "review_step_up": "name dose date",
    "review_test": "name",
    "values_not_given": "text facts",
    "review_switch": "name next",
    "review_add": "name next",
    "review_reduce": "name",
    "review_stop": "name",
    "review_planned": "name next last weeks free",
    "review_planned_alone": "name last weeks free",
    "review_planned_open": "name next weeks",
    "review_hold": "name",
    "review_taper": "name",
    "review_retry": "name",
    "review_resume": "name",
    "review_resume_held": "name",
    "resume_lowered": "name dose",
    "resume_lowered_held": "name dose",
    "review_restart": "name",
    "review_change_schedule": "name date",
    "review_extend_interval": "name now weeks date",
    "review_shorten_interval": "name now weeks date",
    "course_left": "dose day days number given",
    "course_rhythm": "weeks",
    "goes_on_waiting": "dose",
    "goes_on": "dose",
    "taper_step": "dose",
    "taper_end": "name",
    "sum_urgent_why": "text why",
    "sum_do_why": "text why",
    "sum_dose": "dose arithmetic",
    "sum_step": "date dose",
    "sum_more": "dates count",
    "sum_sign_off": "count",
    "sum_and_more": "items count",
    "sum_overdue": "test",
    "hold_lower": "dose",
    "in_order_least": "fact value",
    "in_order_above": "fact value",
    "in_order_most": "fact value",
    "in_order_below": "fact value",
    "judge_needs": "weeks dose",
    "judge_again": "text date",
    "sum_judge": "name date",
    "label_course": "name",
    "label_before": "count",
    "label_checks": "date",
    "day_between": "first last",
    "day_span": "first last",
    "until": "date",
    "moved_from": "date",
    "dose_since": "dose date",
    "day_from": "first",
    "head_plan": "title date",
    "score_now": "value date",
    "score_change": "before now",
    "score_by": "before now change",
    "score_percent": "change percent",
    "score_since": "change name",
    "score_band": "band",
    "response_used": "derived score change",
    "response_agrees": "derived score change",
    "response_beside": "derived score change stated",
    "overdue_test": "test date",
    "overdue_part": "test facts",
    "overdue_old": "test weeks",
    "overdue_stale": "test values",
    "overdue_age": "facts weeks",
    "limit_value": "text values",
    "limit_value_too": "text values",
    "limit_besides": "values",
    "result_on": "fact value date",
    "result": "fact value",
    "variant_running": "text facts",
    "lower_to": "name dose",
    "lower_to_most": "name dose",
    "dose_now": "dose",
    "limit_change": "text baseline first newest last fact change",
    "limit_change_too": "text baseline first newest last fact change",
    "quantity": "value unit",
    "waits_before": "must head",
    "waits_check": "date",
    "premature": "date",
    "course_of": "name number",
    "for_weeks": "weeks",
    "needed_for": "names",
    "needed_by_status": "status",
    "needed_by_dose": "name",
    "used": "text",
    "footer": "case date until tool knowledge hash",
    "footer_more": "conflicts defaults",
    "footer_catalogue": "knowledge hash",
    "footer_changes": "file hash count",
    "ladder_way": "title date",
    "card_cautions": "count",
    "card_further": "count",
    "card_evidence": "count for against neither",
    "card_largest": "told patients design",
    "card_more": "therapy",
    "changes_base": "file base",
    "change_values": "shipped now",
    "factor": "unit factor",
    "condition": "when",
    "course_limit": "most extra",
    "per_other": "days",
    "patients": "count",
    "value_range": "low high unit",
    "step_day": "day",
    "step_days": "first last",
    "step_every": "days",
    "step_courses": "count",
    "step_rounded": "step unit",
    "phase_at": "weeks",
    "phase_every": "weeks first",
    "phase_every_until": "weeks first last",
    "phase_weekly": "first",
    "phase_after_each": "days",
    "phase_weekly_until": "first last",
    "head_roadmap": "date",
    "head_roadmap_case": "case date",
    "road_status": "status reason",
    "road_first": "date",
    "road_dose": "dose",
    "road_beside": "names",
    "road_judged": "date",
    "road_judged_of": "name date",
    "road_number": "number",
    "road_or": "first second",
    "road_same": "number",
    "road_same_later": "number span",
    "road_same_earlier": "number span",
    "road_days": "count",
    "footer_roadmap": "date tool knowledge hash",
}
TEXTS = _table(
    """
    no yes unknown rhythm_1_1 rhythm_2_1 rhythm_3_1 rhythm_4_1 rhythm_1_2 rhythm_1_7 rhythm_split per_1 per_7 per_28
    dose_needs_body settle_other_drugs not_dated hold_open hold_same hold_settled hold_rest
    status_out_of_scope status_refer status_safety_hold
    status_needs_fact
    status_continue_current status_no_active_disease status_conventional_therapy status_recommendation label_next label_do
    label_because label_dose label_dates label_overlap label_judge label_unknown label_note label_warning weekdays
    head_give head_today head_why head_before head_dates head_given head_doses undated head_monitoring head_monitoring_why
    head_limits head_start_limits head_checkpoints head_options head_history word_dose no_source head_scores score_same
    score_stale word_disagree outcome_complete outcome_near_complete outcome_partial outcome_inadequate outcome_relapse
    outcome_intolerance outcome_contraindicated head_calcinosis word_caution calcinosis_excision calcinosis_treatment
    calcinosis_observation calcinosis_needs_fact head_supportive head_unknown head_assumed head_defaults head_conflicts
    head_sources head_trace word_must word_hold word_combination word_reading word_arithmetic word_only_after
    word_from_here reading_all reading_any for_unknown_weeks needed_by_order limits_legend col_test col_do
    col_limit col_rule col_holds col_facts priority_now priority_next_visit priority_planned do_start do_restart
    do_continue do_step_up do_add do_switch do_stop do_taper do_reduce do_hold do_resume do_retry do_change_schedule
    do_extend_interval do_shorten_interval do_refer do_test role_new role_continue role_hold role_overlap role_stop
    role_undecided part_toxicities
    level_topic level_label level_guideline level_study level_secondary level_local level_default level_unverified
    limit_repeat limit_reduce
    head_changes changes_none changes_origin change_changed change_added change_removed
    limit_hold limit_stop kind_for kind_against kind_excludes kind_needs line_supportive line_conventional line_primary
    line_second line_pool line_specialist line_avoid line_not_recommended line_calcinosis line_background option_recommended
    option_needs_fact option_alternative option_inadequate_trial option_exhausted option_contraindicated
    option_not_feasible option_declined option_current option_reserved option_specialist_only option_avoid
    option_not_recommended verdict_contraindicated verdict_intolerance verdict_schedule_intolerance
    verdict_relapse_on_therapy verdict_relapse_after_lengthening verdict_relapse_off_therapy verdict_inadequate_trial
    verdict_adequate_failure verdict_unverified_failure verdict_too_early verdict_partial verdict_insufficient
    verdict_responding verdict_stopped_other verdict_unknown head_therapies head_evidence head_topic_facts head_cited_by
    head_facts head_asked_by head_dosing head_response head_contraindications head_cautions head_instead head_combinations
    head_once_cleared
    head_monitoring_used head_monitoring_other head_advice therapies_use facts_use col_therapy col_name col_route col_fact
    col_values col_question word_line word_class word_synonyms word_label_status word_grade word_max_dose word_cap
    word_infusion word_response word_trial word_severe word_sign_off word_due word_used word_says word_citation word_level
    word_seen word_note word_also_in word_computed word_url word_settle word_shelf cited_nowhere favours_for
    ladder_first ladder_first_text ladder_from_first ladder_gate ladder_needs ladder_bypass ladder_from_gate
    ladder_all_passed ladder_one_failed ladder_never ladder_unchosen ladder_unchosen_text ladder_to_front
    ladder_to_end ladder_next ladder_tried ladder_passed ladder_here ladder_ahead card_dose
    favours_against favours_neither unit_a phase_baseline phase_before_each pair_excludes pair_sign_off use_standard
    use_variant use_alternative use_report
    head_road road_legend road_further road_ends col_if col_then
    road_sign_off road_cut response_none response_partial
    response_complete response_not_tolerated part_settings part_statements part_derived part_contradictions part_verdicts
    part_course_contradictions
    part_statuses part_gate part_lines part_moves part_feasibility part_contraindications part_cautions part_pairs
    part_substances part_substance_groups
    part_reviews part_overlaps part_notices part_calcinosis part_scores part_conflicts part_facts
    """,
    {**_TEXT_BLANKS, **SCREEN},
)

# Each statement of `data/algorithm.yaml` that the program says, in the same manner.
_STATEMENT_BLANKS = {
    "held_with": "name other text",
    "refer_limit": "name",
    "hold_resume": "name dose values",
    "hold_resume_then": "name dose",
    "hold_ends": "date",
    "hold_too_long": "name result",
    "hold_on": "name result",
    "stop_earlier": "name result",
    "nothing_to_lower": "name result",
    "hold_again": "name result",
    "retry_running": "dose least",
    "retry_again": "dose least",
    "retry_same": "dose",
    "indication_assumed": "name",
    "taken_as_past": "names",
    "relapse_below": "name dose",
    "start_implied": "name weeks",
    "courses_implied": "name courses weeks rhythm",
    "weeks_implied": "name courses weeks rhythm",
    "dose_not_understood": "name dose",
    "running_continues": "name",
    "running_infeasible": "name",
    "other_reading": "needed answer",
    "unknown_drug": "name",
    "therapy_among_other_drugs": "name",
    "stale_value": "name weeks limit",
    "overdue": "tests",
    "red_flags_open": "names",
    "stop_now": "name",
    "refer_now": "name",
    "refer_stopped": "name",
    "recorded_clash_own": "name",
    "recorded_clash": "name",
    "agree_running": "name",
    "agree_held": "name",
    "clash_own": "left right",
    "clash": "left right",
    "ask_prescriber": "name",
    "judge_response": "name",
    "washed_out": "name date weeks free washout",
    "judge_full": "name",
    "judge_raised": "question needs",
    "dose_variant_open": "variant",
    "over_maximum": "name dose max",
    "response_disagrees": "name stated derived change",
    "quiet_but_scored": "score value days",
}
STATEMENTS = _table(
    """
    restart declined class_closed unjudged gate_closed line_not_reached another_first not_now no_treatments running
    lower_tolerated as_of_assumed undated_facts overdue_rule change_baseline confirm_activity confirm_adult adult_assumed
    line_held resumed_lower resumed_lowest resumed_fixed resumed_spared resumed_open road_followed road_unchanged
    road_complete road_not_tolerated complete_but_active declined_but_current judged_out
    """,
    _STATEMENT_BLANKS,
)
