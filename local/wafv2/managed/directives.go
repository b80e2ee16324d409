package managed

// setup is how the rules are run: they add up to a score, and a request with
// one critical finding has as much as is too much.
const setup = `
SecRuleEngine On
SecRequestBodyAccess Off
SecResponseBodyAccess Off
SecAuditEngine Off
SecDefaultAction "phase:1,nolog,pass"
SecDefaultAction "phase:2,nolog,pass"
SecAction "id:900000,phase:1,pass,t:none,nolog,setvar:tx.blocking_paranoia_level=1"
SecAction "id:900110,phase:1,pass,t:none,nolog,setvar:tx.inbound_anomaly_score_threshold=5"
SecAction "id:900990,phase:1,pass,t:none,nolog,setvar:tx.crs_setup_version=4250"
Include @owasp_crs/REQUEST-901-INITIALIZATION.conf
Include @owasp_crs/REQUEST-905-COMMON-EXCEPTIONS.conf
`

// common is what AWS's common rule set is for: scanners, broken and smuggled
// requests, file inclusion, request forgery, cross-site scripting; what is
// oversized or says nothing of who asks. Injections into databases and shells
// are other groups of AWS's.
const common = `
SecRule &REQUEST_HEADERS:User-Agent "@eq 0" "id:100001,phase:1,t:none,deny,status:403,severity:'CRITICAL',msg:'NoUserAgent_HEADER'"
SecRule QUERY_STRING "@gt 2048" "id:100002,phase:1,t:none,t:length,deny,status:403,severity:'CRITICAL',msg:'SizeRestrictions_QUERYSTRING'"
SecRule REQUEST_FILENAME "@gt 1024" "id:100003,phase:1,t:none,t:length,deny,status:403,severity:'CRITICAL',msg:'SizeRestrictions_URIPATH'"
SecRule REQUEST_HEADERS:Cookie "@gt 10240" "id:100004,phase:1,t:none,t:length,deny,status:403,severity:'CRITICAL',msg:'SizeRestrictions_Cookie_HEADER'"
Include @owasp_crs/REQUEST-913-SCANNER-DETECTION.conf
Include @owasp_crs/REQUEST-920-PROTOCOL-ENFORCEMENT.conf
Include @owasp_crs/REQUEST-921-PROTOCOL-ATTACK.conf
Include @owasp_crs/REQUEST-930-APPLICATION-ATTACK-LFI.conf
Include @owasp_crs/REQUEST-931-APPLICATION-ATTACK-RFI.conf
Include @owasp_crs/REQUEST-934-APPLICATION-ATTACK-GENERIC.conf
Include @owasp_crs/REQUEST-941-APPLICATION-ATTACK-XSS.conf
`

// badInputs is what AWS's known bad inputs are: Log4j, Java deserialization,
// paths that give secrets away. Of the core rule set's file inclusion it has
// the last of these alone.
const badInputs = `
Include @owasp_crs/REQUEST-930-APPLICATION-ATTACK-LFI.conf
SecRuleRemoveById "930100-930121"
Include @owasp_crs/REQUEST-944-APPLICATION-ATTACK-JAVA.conf
`

// evaluation refuses what has too high a score.
const evaluation = `
Include @owasp_crs/REQUEST-949-BLOCKING-EVALUATION.conf
`
