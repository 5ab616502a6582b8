"""
What each table says of customers, and what an erasure leaves of it.

Every column that can hold a text is named here, as ours or as personal; a test fails for one that
is not, so that a new table cannot be forgotten. Ids (``id``, ``…_id``), who did something
(``…_by``) and what refers to another table are ours unless they are named as personal. Rows stay
wherever something is counted by them: a contact without its caller is still a contact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    KEPT = "kept"  # nothing in it is a customer's
    EMPTIED = "emptied"  # the row stays, its personal columns are empty
    DELETED = "deleted"
    ELSEWHERE = "elsewhere"  # emptied or deleted by what ``by`` names


@dataclass(frozen=True, slots=True)
class Treatment:
    """
    ``personal``: the columns that are a customer's, and what is in them afterwards.

    ``unless``: rows with this column set are somebody else's (an agent's leg).
    """

    fate: Fate
    ours: frozenset[str]
    personal: Mapping[str, Any] = field(default_factory=dict)
    unless: str | None = None
    by: str = ""


def _ours(columns: str = "") -> Treatment:
    return Treatment(Fate.KEPT, frozenset(columns.split()))


def _emptied(ours: str = "", *, unless: str | None = None, **personal: Any) -> Treatment:
    return Treatment(Fate.EMPTIED, frozenset(ours.split()), personal, unless)


def _deleted(personal: str, ours: str = "") -> Treatment:
    return Treatment(Fate.DELETED, frozenset(ours.split()), dict.fromkeys(personal.split()))


def _elsewhere(by: str, ours: str = "", **personal: Any) -> Treatment:
    return Treatment(Fate.ELSEWHERE, frozenset(ours.split()), personal, by=by)


_CUSTOMER = "store.customer_erasure.erase_customer"
_INDEX = "store.customer_index.CustomerIndex.forget"

DECLARED: Mapping[str, Treatment] = {
    # customers
    "customer": _elsewhere(
        _CUSTOMER,
        "kind tier language team merged_into",
        name="",
        external_id=None,
        company=None,
        notes=None,
        tags=[],
        attributes={},
        preferences={},
    ),
    "customer_number": _elsewhere(_CUSTOMER, "kind use", number=None, tail=None, label=None),
    "contact_point": _elsewhere(_CUSTOMER, "kind", key=None, value=None, label=None),
    "customer_merge": _elsewhere(_CUSTOMER, records={}),
    "customer_key": _elsewhere(_INDEX, key=None),
    "customer_term": _elsewhere(_INDEX, term=None),
    "customer_terms": _elsewhere(_INDEX, "team", terms=None, keys=None),
    "customer_index_due": _elsewhere(_INDEX, "gone"),
    "customer_distinction": _ours(),
    "customer_field": _ours("section type labels applies_to choices"),
    "customer_import": _elsewhere("privacy.customer_files", "state columns reason", filename=""),
    "consent": _elsewhere("privacy.steps", "channel purpose", source=""),
    "timeline_event": _deleted("title data external_id", "kind source"),
    "next_action_rule": _ours("action labels conditions"),
    # what happened
    "event": _elsewhere("privacy.events", "name", payload=None),
    "contact": _emptied(
        "channel dialled_number customer_match customer_ids flow path queue requirements outcome "
        "reason direction phase in_hand call_back_of",
        caller_number="",
        attributes={},
        subject="",
    ),
    "contact_customer": _ours(),
    "call": _emptied("dialled_number trunk result reason", caller_number="", sip_call_id=""),
    "leg": _emptied("role codec result reason quality", unless="agent_id", party="", address=""),
    "interaction": _ours("queue outcome why recording recording_rule"),
    "segment": _ours("queue"),
    "queue_wait": _ours("queue outcome"),
    "flow_walk": _ours("channel flow end"),
    "node_stay": _ours("flow part node way"),
    "call_back": _emptied("queue reason requirements language tried outcome cause", number=""),
    "recording": _elsewhere(
        "privacy.recordings",
        "queue dialled_number state failure codec quality kind rule stores owed moved leaving "
        "sides layout",
        caller_number="",
        last_digits="",
        file=None,
        replaced=None,
        sha256=None,
    ),
    "foreign_call": _elsewhere(
        "privacy.recordings",
        "client",
        session_id=None,
        calls=None,
        agent_aor=None,
        agent_name=None,
    ),
    "foreign_call_name": _elsewhere("privacy.recordings", name=None),
    "recording_edit": _elsewhere("privacy.recordings", edits=[]),
    "recording_approval": _elsewhere(
        "privacy.steps", "action", fingerprint="", about={}, reason="", decision_reason=None
    ),
    "recording_bookmark": _elsewhere("privacy.recordings", text_zh=None, text_en=None),
    "recording_merge": _elsewhere("privacy.recordings", name=""),
    "recording_merge_part": _ours(),
    "recording_mask": _ours("reason"),
    "recording_key": _elsewhere("privacy.recordings", "master_key"),
    "recording_export": _ours("format state asked"),
    "recording_right": _ours("listed played exported"),
    "saved_recording_search": _elsewhere("privacy.steps", name="", search={}),
    "recording_search_share": _ours("holder"),
    "archive_entry": _ours("action content previous_hash hash"),
    "erased_notes": _ours("store"),
    "archive_run": _ours("kind state stores reached findings reason"),
    "agent_state_period": _ours("state reason chosen_by"),
    "line_use": _ours("trunk"),
    "call_refusal": _ours("trunk cause"),
    "server_start": _ours(),
    "counted_quarter": _ours(),
    "agent_quarter": _ours(),
    "absence_quarter": _ours("reason"),
    "handling_quarter": _ours("queue channel"),
    "wait_quarter": _ours("queue answered abandoned"),
    "survey_quarter": _ours("queue"),
    "mark_quarter": _ours("queue question best mark"),
    "line_quarter": _ours("kind name"),
    "contact_quarter": _ours("kind name"),
    "agent_status": _ours("state reason"),
    "audit_entry": _ours("actor action record details previous_hash hash"),
    "unlogged_change": _ours("payload"),
    # quality management
    "scorecard": _ours("labels"),
    "scorecard_version": _ours("definition"),
    "error_code": _ours("labels"),
    "sampling_plan": _ours("definition seed"),
    "review": _emptied("queue week state", comment=None),
    "review_answer": _emptied("question value", note=None, marks=[]),
    "review_step": _emptied("action by", text=None),
    "calibration": _ours("title recording_ids reviewer_ids state agreement"),
    # forms and dispositions
    "disposition": _emptied("queue", note=None),
    "note_word": _deleted("word"),
    "agent_message": _emptied("kind", text=""),
    "draft": _deleted("content", "kind about"),
    "disposition_code": _ours("labels queues"),
    "disposition_rule": _ours(),
    "filled_form": _ours("number team"),
    "form_value": _deleted("text number boolean moment", "field"),
    "form": _ours("labels queues"),
    "form_version": _ours("definition"),
    # tickets and tasks
    "ticket": _emptied(
        "number state priority queue team week recording_ids",
        subject="",
        description=None,
        form={},
        risk_note=None,
        resolution=None,
    ),
    "ticket_move": _emptied("state", note=None),
    "ticket_comment": _emptied(text=""),
    "ticket_call_back": _emptied(note=None),
    "ticket_contact": _ours(),
    "ticket_clock": _ours("kind"),
    "ticket_escalation": _ours("clock told"),
    "ticket_type": _ours("definition"),
    "routing_definition": _ours("kind content origin"),
    "definition_version": _ours("kind action content note"),
    "flow_sound": _ours("sha256"),
    "ticket_reason": _ours("kind labels types"),
    "ticket_history": _ours("clock quantiles"),
    "working_calendar": _ours("definition"),
    "number_series": _ours("name"),
    "work_order": _emptied("number state crew", instructions="", address=None),
    "work_order_report": _emptied("state", note=None),
    "task": _emptied("kind state team role step", title="", notes=None, outcome=None),
    "team_turn": _ours("team"),
    # orders
    "order": _emptied("number state team currency fulfilment", address=None, note=None),
    "order_line": _ours("labels"),
    "order_move": _emptied("state", note=None),
    "order_rule": _ours("labels definition"),
    "product": _ours("labels category currency"),
    "reservation": _emptied("state team", note=None),
    "slot": _ours("resource labels"),
    # sales and care
    "lead": _emptied(
        "kind language source state reason team",
        name="",
        company=None,
        number=None,
        mail=None,
        interest=None,
        notes=None,
    ),
    "lead_rule": _ours("labels conditions definition"),
    "opportunity": _emptied("stage currency expected_on team lost_reason", title="", notes=None),
    "opportunity_move": _emptied("stage", note=None),
    "sales_pipeline": _ours("definition"),
    "campaign": _ours(
        "name purpose channel queue script conditions responses state selected_to team"
    ),
    "campaign_contact": _ours(),
    "campaign_member": _ours("state cause response"),
    "care_rule": _ours("definition planned_to planned_behind"),
    "care_occasion": _emptied("key about state cause answered_to", number=None, feedback=None),
    "service_promise": _ours("labels tier terms"),
    "incident": _ours("kind subject action about_agent detail"),
    "rating": _ours("about_agent queue flow question"),
    "next_action_answer": _ours("action"),
    "alert": _ours(
        "kind about_agent queue team ticket_number severity labels details acknowledged_by"
    ),
    "broadcast": _ours("queues numbers texts outcome"),
    "target_action": _ours("measure owner outcome light_before noted_by"),
    "writer": _ours("holder"),
    "writer_turn": _ours("holder"),
    "saved_query": _ours("labels"),
    "saved_query_version": _ours("definition"),
    "outbox_job": _deleted("key recipient content failure", "channel state"),
    "fax_document": _deleted("number ident tiff reason", "dialled_number way"),
    "fax_attempt": _emptied("trunk way cause", remote_ident=""),
    "sms_message": _deleted("gateway_id number text", "gateway our_number state"),
    "sms_fragment": _elsewhere(
        "store.sms_fragments.SmsFragments.forget", "gateway our_number", number=None, octets=None
    ),
    "sms_part": _ours("gateway gateway_id state reason"),
    "sms_session": _deleted("number steps", "gateway our_number service language"),
    "sms_sender": _ours("digest"),
    # other systems
    "customer_export": _elsewhere("privacy.customer_files", "state format scope reason", wish={}),
    "webhook": _ours("url names sealed_secret previous_sealed_secret description disabled_reason"),
    "webhook_progress": _ours("failure"),
    "dead_letter": _elsewhere("privacy.events", "name failure", body=None),
    "idempotent_request": _elsewhere(
        "api.idempotency.forget_person", "caller key fingerprint", answer=None
    ),
    # the warehouse: ids, states and sums; an event without anything of a person
    "dw_progress": _ours("name"),
    "dw_customer": _ours("kind tier language team merged_into"),
    "dw_contact": _ours("channel direction flow queue outcome reason"),
    "dw_event": _ours("name record action queue details"),
    "dw_promotion": _ours("kind channel purpose outcome response"),
    "dw_order": _ours("action state currency fulfilment"),
    "dw_ticket": _ours("action type state priority queue"),
    "dw_disposition": _ours("action queue answers"),
    # erasures themselves
    "erasure": _elsewhere(
        "privacy.erasures, when it is done",
        "customer_ids reason state step waiting_for expected done",
        subject={},
    ),
    "erased_recording": _ours("stores"),
    "erased_identifier": _ours("digest kind"),
    "legal_hold": _elsewhere("privacy.steps", "record", reason=""),
    "retention_rule": _ours(),
    "recording_retention": _ours("queue kind"),
    "retention_run": _ours("state class_now counts held"),
    # those who work here
    "agent": _ours(
        "name number phone skills queues region works capacity roles team password_hash"
    ),
    "second_factor": _ours("sealed_secret recovery_hashes"),
    "session": _ours("method address client"),
    "sip_account": _ours("username ha1_md5 ha1_sha256"),
    "sip_binding": _ours("aor contact_uri transport host local_host user_agent"),
    "api_key": _ours("name secret_hash scopes team"),
    "api_key_use": _ours("address"),
    # knowledge
    "article": _ours(),
    "article_place": _ours("kind value"),
    "article_text": _ours("language title_words keyword_words body_words"),
    "article_use": _ours(),
    "article_version": _ours("state texts keywords note"),
    "article_vote": _ours(),
}
