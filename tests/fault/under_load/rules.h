// What no order of faults may bring about, as the databases show it once everything is up again.
#pragma once

namespace chanyan::fault {

// What may never come to be. A query finds the rows that break it.
struct Rule {
  const char* service;
  const char* what;
  const char* query;
};
inline constexpr Rule kRules[] = {
    {"registry", "bookings overlap",
     "SELECT CONCAT(a.name, ' ', b.name) FROM booking AS a JOIN booking AS b"
     " ON a.instrument = b.instrument AND a.name < b.name"
     " AND a.start_time < b.end_time AND b.start_time < a.end_time"
     " WHERE a.state NOT IN ('DECLINED', 'CANCELLED')"
     " AND b.state NOT IN ('DECLINED', 'CANCELLED')"},
    {"registry", "completed without what was used, or used and not completed",
     "SELECT name FROM booking WHERE (state = 'COMPLETED') <> (used_minutes > 0)"
     " OR (state = 'COMPLETED' AND settlement IS NULL)"},
    {"registry", "two open revisions",
     "SELECT platform FROM platform_revision WHERE state IN ('DRAFT', 'IN_REVIEW', 'RETURNED')"
     " GROUP BY platform HAVING COUNT(*) > 1"},
    {"registry", "revisions with a gap",
     "SELECT platform FROM platform_revision GROUP BY platform HAVING MAX(number) <> COUNT(*)"},
    {"registry", "platform and open revision disagree",
     "SELECT p.name FROM platform AS p LEFT JOIN platform_revision AS r"
     " ON r.platform = p.name AND r.state IN ('DRAFT', 'IN_REVIEW', 'RETURNED')"
     " WHERE p.open_revision <> COALESCE(r.name, '')"},
    {"registry", "merged into what is merged itself",
     "SELECT a.name FROM organization AS a JOIN organization AS b ON b.name = a.merged_into"
     " WHERE b.state = 'MERGED'"},
    {"pairing", "project doubled by none that is open and its pair's",
     "SELECT a.name FROM project AS a LEFT JOIN project AS b ON b.name = a.doubled_by"
     " WHERE a.doubled_by <> '' AND (b.name IS NULL OR b.doubled_by <> ''"
     " OR b.platform <> a.platform OR b.enterprise <> a.enterprise"
     " OR b.state IN ('COMPLETED', 'TERMINATED'))"},
    {"pairing", "approach and answer disagree",
     "SELECT a.name FROM contact AS a LEFT JOIN contact AS b ON b.in_reply_to = a.name"
     " WHERE a.kind = 'APPROACH' GROUP BY a.name, a.state, a.answer"
     " HAVING COUNT(b.name) <> (a.state = 'ANSWERED')"
     " OR a.answer <> COALESCE(MAX(b.name), '')"},
    {"pairing", "open project of an enterprise that is no more",
     "SELECT p.name FROM project AS p JOIN organization_succession AS s"
     " ON s.organization = p.enterprise WHERE p.state NOT IN ('COMPLETED', 'TERMINATED')"},
    {"registry", "import that did not come to its end",
     "SELECT CONCAT(name, ' ', COALESCE(error, '')) FROM operation WHERE state <> 'DONE'"},
    {"pairing", "import that did not come to its end",
     "SELECT CONCAT(name, ' ', COALESCE(error, '')) FROM operation WHERE state <> 'DONE'"},
    {"pairing", "agreements with a gap",
     "SELECT project FROM agreement GROUP BY project HAVING MAX(sequence) + 1 <> COUNT(*)"},
    {"pairing", "versions of a report with a gap",
     "SELECT CONCAT(project, ' ', quarter) FROM report_version GROUP BY project, quarter"
     " HAVING MAX(sequence) <> COUNT(*)"},
    {"pairing", "follow-up head and its contacts disagree",
     "SELECT o.name FROM outreach AS o LEFT JOIN contact_attempt AS a"
     " ON a.enterprise = o.enterprise AND a.state = 'VALID'"
     " GROUP BY o.name, o.contact_count HAVING COUNT(a.name) <> o.contact_count"},
    {"pairing", "issued minutes and what they assign disagree",
     "SELECT c.name FROM conference AS c LEFT JOIN follow_up AS f"
     " ON f.name LIKE CONCAT(c.name, '/%') WHERE c.title <> '演示联席会议'"
     " GROUP BY c.name, c.state"
     " HAVING COUNT(f.name) <> (c.state = 'ISSUED')"},
    {"cycle", "row in two hands or in nobody's",
     "SELECT r.name FROM form_row AS r LEFT JOIN handover AS h ON h.name = r.in_transit"
     " WHERE r.holder = '' OR (r.in_transit <> '' AND (h.name IS NULL OR h.state <> 'SENT'))"},
    {"cycle", "handed over and not on its way",
     "SELECT h.name FROM handover AS h LEFT JOIN form_row AS r ON r.in_transit = h.name"
     " WHERE h.state = 'SENT' GROUP BY h.name, h.row_count HAVING COUNT(r.name) <> h.row_count"},
    {"cycle", "handed over again in one step and not sent back in between",
     "SELECT t.form_row FROM (SELECT r.form_row, h.step, h.receiver AS party, 1 AS given"
     " FROM handover_row AS r JOIN handover AS h ON h.name = r.handover"
     " WHERE h.step IN (3, 4) AND h.sent_back = 0"
     " UNION ALL SELECT b.form_row, s.step, s.sender, -1"
     " FROM handover_row AS b JOIN handover AS s ON s.name = b.handover"
     " WHERE s.step IN (3, 4) AND s.sent_back = 1) AS t"
     " GROUP BY t.form_row, t.step, t.party HAVING SUM(t.given) > 1"},
    {"cycle", "form and its versions disagree",
     "SELECT f.name FROM form AS f LEFT JOIN form_version AS v ON v.name LIKE CONCAT(f.name, '/%')"
     " GROUP BY f.name, f.revision HAVING COUNT(v.name) <> f.revision"},
    {"cycle", "rows of a form miscounted",
     "SELECT f.name FROM form AS f LEFT JOIN form_row AS r ON r.name LIKE CONCAT(f.name, '/rows/%')"
     " GROUP BY f.name, f.row_count HAVING COUNT(r.name) <> f.row_count"},
    {"triage", "not exactly one first contact",
     "SELECT r.name FROM result AS r LEFT JOIN tenure AS t ON t.open_result = r.name"
     " WHERE r.state NOT IN ('WITHDRAWN', 'MERGED') GROUP BY r.name, r.holder"
     " HAVING COUNT(t.name) <> 1 OR MAX(t.tenant) <> r.holder"},
    {"triage", "tenures with a gap",
     "SELECT result FROM tenure GROUP BY result HAVING MAX(number) <> COUNT(*)"},
    {"triage", "tenures that do not follow one another",
     "SELECT a.name FROM tenure AS a JOIN tenure AS b ON b.result = a.result"
     " AND b.number = a.number + 1 WHERE a.end_time IS NULL OR a.end_time <> b.start_time"},
    {"triage", "hand-overs and tenures disagree",
     "SELECT t.result FROM tenure AS t LEFT JOIN handover AS h ON h.result = t.result"
     " AND h.state = 'ACCEPTED' GROUP BY t.result"
     " HAVING COUNT(DISTINCT t.name) <> COUNT(DISTINCT h.name) + 1"},
    {"triage", "results of one university under one title",
     "SELECT MAX(name) FROM result WHERE state NOT IN ('WITHDRAWN', 'MERGED')"
     " GROUP BY university, title HAVING COUNT(*) > 1"},
    {"triage", "import that did not come to its end",
     "SELECT CONCAT(name, ' ', COALESCE(error, '')) FROM operation WHERE state <> 'DONE'"},
    {"cycle", "import that did not come to its end",
     "SELECT CONCAT(name, ' ', COALESCE(error, '')) FROM operation WHERE state <> 'DONE'"},
    {"triage", "pushes lost or doubled",
     "SELECT r.name FROM result AS r LEFT JOIN push AS p ON p.result = r.name"
     " GROUP BY r.name, r.recipients HAVING COUNT(p.name) <> JSON_LENGTH(r.recipients)"},
    {"triage", "pushed and not counted as such",
     "SELECT r.name FROM result AS r WHERE (JSON_LENGTH(r.recipients) > 0) <>"
     " (r.funnel_stage NOT IN ('COLLECTED', 'CLASSIFIED'))"},
    {"triage", "answered without an answer",
     "SELECT name FROM push WHERE (state = 'ANSWERED') <> (answer <> '' AND answer_time IS NOT"
     " NULL)"},
};

}  // namespace chanyan::fault
