# Stands in for the part of Logstash that runs a script of its ruby filter: events as the script sees them. Reads a JSON object a line,
# writes for each what the filter makes of it: a list of the document, its index, its id and its tags.
#   ruby logstash_events.rb SCRIPT PARAMETERS_AS_JSON
require "json"

module LogStash
  # A point in time; Logstash takes ISO 8601 and writes it in UTC.
  class Timestamp
    def initialize(text)
      require "time"
      @time = text.is_a?(Timestamp) ? text.time : Time.iso8601(text).utc
    end

    attr_reader :time

    def to_s = @time.strftime("%Y-%m-%dT%H:%M:%S.%NZ")

    def to_json(*arguments) = to_s.to_json(*arguments)
  end

  # An event: fields below fields, and metadata that no output writes.
  class Event
    def initialize(fields = {})
      @metadata = {}
      @fields = fields
      @fields["@version"] ||= "1"
      @fields["@timestamp"] = Timestamp.new(@fields["@timestamp"] || "2000-01-01T00:00:00Z")
    end

    def to_hash = @fields.dup

    def get(path) = names(path).reduce(root(path)) { |inner, name| inner.is_a?(Hash) ? inner[name] : nil }

    def set(path, value)
      *objects, last = names(path)
      objects.reduce(root(path)) { |inner, name| inner[name] ||= {} }[last] = value
    end

    def remove(path)
      *objects, last = names(path)
      objects.reduce(root(path)) { |inner, name| inner[name] || {} }.delete(last)
    end

    def tag(name) = (@fields["tags"] ||= []) << name

    private

    def root(path) = path.start_with?("[@metadata]") ? @metadata : @fields

    def names(path) = (path.start_with?("[") ? path.scan(/\[([^\]]+)\]/).flatten : [path]) - ["@metadata"]
  end
end

script, parameters = ARGV
filter = Object.new
filter.instance_eval(File.read(script), script)
filter.register(JSON.parse(parameters))
$stdin.each_line do |line|
  made = filter.filter(LogStash::Event.new(JSON.parse(line)))
  $stdout.puts JSON.generate(made.map { |event| { "document" => event.to_hash, "index" => event.get("[@metadata][gpu_index]"), "id" => event.get("[@metadata][gpu_id]"), "tags" => event.get("tags") || [] } })
end
