# Makes the documents of docs/elasticsearch-fields.md of what comes in, and says where each is stored. Four things come in:
#
#   a document that is ready         has data_stream.dataset and event.id: it stays as it is
#   an event of an agent             as GET /api/v1/events of agents and collector writes it: has id, time, kind and node
#   a line of the kernel's log       in the envelope of dashboards/logstash/rsyslog: XIDs alone, the rest is dropped
#   a line of an agent's log         in that envelope, written with log.format: json
#
# Index and id follow from the document alone, by the collector's rule, so that what comes both ways, or twice, is stored once. The id of an XID
# is the one that the agent of the node gives to the same line. What is none of the four gets the tag _gpu_unknown and is left as it came.
require "digest"
require "json"
require "time"

ECS_VERSION = "9.4.0"
LONGEST_KEYWORD = 1024
LONGEST_SENTENCE = 32_000
EVENT_ID = /\A[0-9a-f]{32}\z/
DATASETS = { "gpu.event" => false, "gpu.capture" => false, "gpu.audit" => false, "gpu.agent" => true, "gpu.collector" => true }.freeze # true: an index a day
FIELDS = %w[@timestamp message ecs data_stream event log error labels host device orchestrator service agent process user related source rule file url trace gpu].freeze
XID = /NVRM: Xid \((?:PCI:)?(?<pci>\h{4,8}:\h{2}:\h{2}(?:\.[0-7])?)(?: (?<instance>[^()]{1,64}))?\): (?<code>[0-9]{1,6})(?![0-9A-Za-z_])(?:,? *pid='?(?<pid>[0-9]+|<unknown>|[^,' ]*)'?(?=,|\s|$))?(?:, *name=(?<name>[^,]*))?,?(?<message>.*)/m
SEVERITIES = { "critical" => [2, "critical"], "warning" => [4, "warning"], "info" => [6, "info"], "unknown" => [5, "notice"] }.freeze
LEVELS = { "Verbose" => [7, "trace"], "Debug" => [7, "debug"], "Information" => [6, "info"], "Warning" => [4, "warning"], "Error" => [3, "error"], "Fatal" => [2, "critical"] }.freeze
KINDS = {
  "xid" => %w[event driver info], "sxid" => %w[event driver info], "gsp" => %w[event driver info], "nvswitch" => %w[event driver info], "peer_memory" => %w[event driver info],
  "fabric" => %w[event network info], "oom_kill" => %w[event process end], "process_fault" => %w[event process end], "driver" => %w[event driver change],
  "mig_change" => %w[event configuration change], "driver_stuck" => %w[state driver info], "infiniband" => %w[state network info], "recovery_action" => %w[state host change],
  "availability" => %w[state host change], "power_source" => %w[state host change], "service" => %w[state host change], "anomaly" => %w[alert host info]
}.freeze
OUTCOMES = { "done" => "success", "failed" => "failure", "aborted" => "failure", "refused" => "failure", "cancelled" => "unknown" }.freeze

def register(params)
  @namespace = params.fetch("namespace", "default")
  @cluster = params.fetch("cluster", "")
  @catalogue = JSON.parse(File.read(params.fetch("catalogue")))
end

def filter(event)
  fields = event.to_hash
  dataset, id, document = understood(fields, event)
  return [] if dataset == :none
  return [tagged(event)] if document.nil? || !DATASETS.key?(dataset) || id.to_s.empty? || id.bytesize > 512

  made = LogStash::Event.new(document)
  made.remove("@version")
  time = Time.iso8601(document["@timestamp"].to_s).utc
  namespace = document.dig("data_stream", "namespace") || @namespace
  made.set("[@metadata][gpu_index]", "logs-#{dataset}-#{namespace}-#{time.strftime(DATASETS[dataset] ? '%Y.%m.%d' : '%Y.%m.01')}-000001")
  made.set("[@metadata][gpu_id]", id)
  [made]
rescue ArgumentError, TypeError, NoMethodError, JSON::ParserError
  [tagged(event)] # a time that is none, a text where an object should be: kept as it came, beside the others
end

def tagged(event)
  event.tag("_gpu_unknown")
  event
end

# The dataset, the id and the document; :none for what is rightly dropped.
def understood(fields, event)
  envelope = fields["rsyslog"]
  return of_syslog(envelope) if envelope.is_a?(Hash)
  return ["gpu.event", fields["id"], of_event(fields)] if EVENT_ID.match?(fields["id"].to_s) && fields["kind"] && fields["time"] && fields["node"]

  dataset = fields["data_stream"].is_a?(Hash) ? fields.dig("data_stream", "dataset") : nil
  return [nil, nil, nil] unless dataset && fields["event"].is_a?(Hash)

  # Inputs add fields of their own, such as the address of who sent; only what is in the table of fields belongs to the document.
  document = fields.select { |name, _| FIELDS.include?(name) }
  document["@timestamp"] = LogStash::Timestamp.new(event.get("@timestamp").to_s)
  [dataset, fields["event"]["id"], document]
end

def of_syslog(line)
  text = line["text"].to_s
  if line["program"] == "kernel"
    match = XID.match(text)
    return [:none, nil, nil] unless match

    record = xid_record(line, text.strip, match)
    return ["gpu.event", record["id"], of_event(record)]
  end
  written = text.lstrip.start_with?("{") ? JSON.parse(text) : nil
  return [nil, nil, nil] unless written.is_a?(Hash) && written["RenderedMessage"] && LEVELS.key?(written["Level"])

  of_log(line, text.strip, written)
end

# An XID as the agent would tell of it, where it can be told from the line alone.
def xid_record(line, text, match)
  code = match[:code].to_i
  known = @catalogue[code.to_s] || @catalogue["unknown"]
  message = match[:message].strip
  severity = known["severity"]
  severity = message.match?(/\bFatal\b/) ? "critical" : "warning" if code.between?(144, 150) && message.match?(/\b(Fatal|Nonfatal)\s+XC/)
  severity = $1.to_i(16).zero? ? "info" : "critical" if code == 154 && message =~ /recovery action changed from .* to (0x\h{1,8}) /
  boot = line["boot_id"].to_s.delete("-")
  boot = boot.length == 32 ? boot.sub(/\A(.{8})(.{4})(.{4})(.{4})(.{12})\z/, '\1-\2-\3-\4-\5') : ""
  source, id = id_of_line(line, boot, code, text)
  details = { "message" => message, "instance" => match[:instance].to_s, "mnemonic" => known["mnemonic"].to_s }
  record = {
    "id" => id, "time" => line["time"], "boot_id" => boot, "cluster" => @cluster, "node" => line["host"], "is_line" => true, "kind" => "xid", "code" => code, "severity" => severity,
    "component" => known["component"], "title" => "XID #{code}: #{known['title']}", "suggested_action" => known["action"], "runbook" => known["runbook"],
    "gpu" => { "pci_bus_id" => address(match[:pci]) }, "evidence" => { "sources" => [source], "raw_line" => text, "details" => details }
  }
  record["process"] = { "pid" => match[:pid].to_i, "name" => match[:name].to_s.start_with?("<") ? "" : match[:name].to_s } if match[:pid].to_s.match?(/\A[0-9]+\z/)
  record
end

# The journal has the kernel's own microsecond, of which the agent makes its ids; without it the line's time must do.
def id_of_line(line, boot, code, text)
  return ["syslog", event_id(line["host"], "syslog", line["time"], text)] if boot.empty? || !line["monotonic"].to_s.match?(/\A[0-9]+\z/)

  hash = 2_166_136_261 # FNV-1a over both bytes of each UTF-16 unit
  text.encode("UTF-16LE").bytes { |byte| hash = ((hash ^ byte) * 16_777_619) & 0xffffffff }
  ["journal", event_id(boot, line["host"], "kernel", "xid", code.to_s, format("%d-%08x", line["monotonic"].to_i, hash))]
end

# Half of a SHA-256 over the parts, each after its length.
def event_id(*parts)
  Digest::SHA256.hexdigest(parts.map { |part| bytes = part.to_s.dup.force_encoding("BINARY"); [bytes.bytesize].pack("l<") + bytes }.join)[0, 32]
end

def address(pci)
  domain, bus, device = pci.split(":")
  slot, function = device.split(".")
  format("%04x:%02x:%02x.%x", domain.to_i(16), bus.to_i(16), slot.to_i(16), (function || "0").to_i(16))
end

def of_event(record)
  evidence = record["evidence"].is_a?(Hash) ? record["evidence"] : {}
  details = evidence["details"].is_a?(Hash) ? evidence["details"] : {}
  stage = record["kind"] == "capture" ? details["stage"] : nil
  kind, category, type = KINDS[record["kind"]] || %w[event host info]
  category, type = "process", stage == "recording" ? "start" : OUTCOMES.key?(stage) ? "end" : "info" if record["kind"] == "capture"
  type = { "started" => "start", "ended" => "end" }.fetch(record["phase"], type) unless category == "configuration"
  number, level = SEVERITIES.fetch(record["severity"].to_s, SEVERITIES["unknown"])
  document = basis("gpu.event", record["received"] || record["time"])
  put(document, "message", record["title"], LONGEST_SENTENCE)
  put(document, "event.id", record["id"])
  put(document, "event.kind", kind)
  put(document, "event.category", [category])
  put(document, "event.type", [type])
  put(document, "event.action", stage.to_s.empty? ? record["kind"] + { "started" => "_started", "ended" => "_ended" }.fetch(record["phase"], "") : "#{record['kind']}_#{stage}")
  put(document, "event.code", record["code"]&.to_s)
  put(document, "event.severity", number)
  put(document, "event.provider", Array(evidence["sources"]).first)
  put(document, "event.original", evidence["raw_line"], LONGEST_SENTENCE)
  put(document, "event.reference", record["runbook"]) if record["runbook"].to_s.match?(%r{\Ahttps?://})
  put(document, "event.created", record["received"])
  put(document, "event.outcome", OUTCOMES[stage])
  put(document, "event.duration", (details["duration_seconds"].to_f * 1_000_000_000).round) if details["duration_seconds"].to_s.match?(/\A[0-9.]+\z/)
  put(document, "log.level", level)
  put(document, "host.name", record["node"])
  put(document, "host.boot.id", record["boot_id"])
  put(document, "orchestrator.cluster.name", record["cluster"])
  put(document, "agent.type", "gpu-agent") unless record["is_line"]
  put(document, "agent.version", details["version"]) if record["kind"] == "agent"
  put(document, "rule.id", record["rule"])
  put(document, "rule.name", record["rule"])
  put(document, "process.pid", record.dig("process", "pid"))
  put(document, "process.name", record.dig("process", "name"))
  %w[kind incident component suggested_action runbook].each { |name| put(document, "gpu.#{name}", record[name]) }
  put(document, "gpu.node_time", record["time"]) if record["received"]
  put(document, "gpu.severity", SEVERITIES.key?(record["severity"].to_s) ? record["severity"] : "unknown")
  put(document, "gpu.phase", record["phase"] || "instant")
  put(document, "gpu.evidence.sources", evidence["sources"])
  put(document, "gpu.evidence.values", Array(evidence["values"]).grep(Hash).map { |value| value.slice("name", "threshold", "value").compact })
  put(document, "gpu.evidence.details", details.reject { |_, value| value.to_s.empty? }.transform_keys { |name| name.tr(".", "_") })
  add_gpu(document, record)
  add_job(document, record["job"], record, details)
  add_capture(document, record, details, stage)
  document
end

def add_gpu(document, record)
  if record["kind"] == "xid" && record["code"]
    known = @catalogue[record["code"].to_s] || @catalogue["unknown"]
    put(document, "gpu.xid.code", record["code"].to_i)
    %w[mnemonic bucket investigate origin].each { |name| put(document, "gpu.xid.#{name}", known[name]) }
  end
  put(document, "gpu.sxid.code", record["code"]) if record["kind"] == "sxid"
  gpu = record["gpu"]
  return unless gpu.is_a?(Hash)

  put(document, "device.type", "gpu")
  put(document, "device.manufacturer", "NVIDIA")
  put(document, "device.id", gpu["uuid"])
  put(document, "device.serial_number", gpu["serial"])
  %w[index uuid serial].each { |name| put(document, "gpu.#{name}", gpu[name]) }
  put(document, "gpu.pci.bus_id", gpu["pci_bus_id"])
end

def add_job(document, job, record, details)
  job = {} unless job.is_a?(Hash)
  %w[scheduler id name user namespace pod container].each { |name| put(document, "gpu.job.#{name}", job[name]) }
  asker = record["kind"] == "capture" && !["rule", "alert", "schedule", "", nil].include?(details["trigger_origin"] || details["trigger"]) ? details["asked_by"] : nil
  put(document, "user.name", [details["who"], asker, job["user"]].find { |name| !name.to_s.empty? })
  put(document, "related.user", [job["user"], details["who"], asker].reject { |name| name.to_s.empty? || name == "root" }.uniq)
end

def add_capture(document, record, details, stage)
  verdict, word, = record["capture"].to_s.split(": ", 3)
  put(document, "gpu.capture.decision", verdict) if %w[accepted refused].include?(verdict)
  put(document, "gpu.capture.id", word) if verdict == "accepted" && EVENT_ID.match?(word.to_s)
  put(document, "gpu.capture.refusal", word) if verdict == "refused" && record["capture"].count(":") > 1
  put(document, "gpu.capture.words", record["capture"], LONGEST_SENTENCE)
  return unless record["kind"] == "capture"

  put(document, "gpu.capture.id", details["capture"])
  put(document, "gpu.capture.stage", stage)
  put(document, "gpu.capture.result", stage) if OUTCOMES.key?(stage)
  put(document, "gpu.capture.trigger.kind", details["trigger"])
  put(document, "gpu.capture.trigger.name", details["asked_by"])
  put(document, "gpu.capture.refusal", details["refusal"])
  put(document, "gpu.capture.profilers", details["profilers"].to_s.split(","))
  put(document, "gpu.capture.profiler_results", details["results"].to_s.split(","))
end

def of_log(line, text, written)
  properties = written["Properties"].is_a?(Hash) ? written["Properties"] : {}
  dataset = line["program"] == "gpu-collector" ? "gpu.collector" : "gpu.agent"
  number, level = LEVELS[written["Level"]]
  document = basis(dataset, written["Timestamp"])
  id = event_id(line["host"], line["program"], text)
  put(document, "event.id", id)
  put(document, "event.kind", "event")
  put(document, "event.severity", number)
  put(document, "message", written["RenderedMessage"], LONGEST_SENTENCE)
  put(document, "log.level", level)
  put(document, "log.logger", properties["SourceContext"])
  put(document, "host.name", line["host"])
  put(document, "service.name", line["program"])
  put(document, "agent.type", "gpu-agent") if dataset == "gpu.agent"
  put(document, "orchestrator.cluster.name", @cluster)
  put(document, "gpu.log.template", written["MessageTemplate"])
  put(document, "trace.id", written["TraceId"])
  if properties["EventId"].is_a?(Hash)
    put(document, "event.code", properties["EventId"]["Id"]&.to_s)
    put(document, "event.action", properties["EventId"]["Name"])
  end
  put(document, "labels", properties.reject { |name, value| %w[SourceContext EventId].include?(name) || value.nil? }.to_h { |name, value| [name.tr(".", "_"), cut(value.is_a?(String) ? value : value.to_json)] })
  add_error(document, written["Exception"])
  [dataset, id, document]
end

def add_error(document, exception)
  return if exception.to_s.empty?

  type, message = exception.lines.first.strip.split(": ", 2)
  put(document, "error.type", type)
  put(document, "error.message", message, LONGEST_SENTENCE)
  put(document, "error.stack_trace", exception, 8191)
end

# The fields that every document has.
def basis(dataset, time)
  {
    "@timestamp" => LogStash::Timestamp.new(time.to_s), "ecs" => { "version" => ECS_VERSION }, "event" => { "module" => "gpu", "dataset" => dataset },
    "data_stream" => { "type" => "logs", "dataset" => dataset, "namespace" => @namespace }
  }
end

# Sets a field below the objects of its name; what is empty is left out.
def put(document, path, value, longest = LONGEST_KEYWORD)
  value = value.map { |one| cut(one, longest) } if value.is_a?(Array)
  value = value.transform_values { |one| cut(one, longest) } if value.is_a?(Hash)
  return if value.nil? || (value.respond_to?(:empty?) && value.empty?)

  *objects, name = path.split(".")
  objects.reduce(document) { |inner, object| inner[object] ||= {} }[name] = cut(value, longest)
end

def cut(value, longest = LONGEST_KEYWORD)
  value.is_a?(String) ? value[0, longest] : value
end
