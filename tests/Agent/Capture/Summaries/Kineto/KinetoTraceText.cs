using System.Text;

namespace Monitoring.Tests.Agent.Capture.Summaries.Kineto;

/// <summary>Writes traces as PyTorch does.</summary>
internal sealed class KinetoTraceText
{
    private readonly List<string> events = [];

    /// <summary>What stands before the events; ends with a comma.</summary>
    internal string Head { get; init; } = """ "schemaVersion": 1,"deviceProperties": [{"id": 0, "name": "NVIDIA H100", "maxThreads": [1,2]}, {"id": 1, "name": "NVIDIA H100"}],"distributedInfo": {"backend": "nccl", "rank": 3, "world_size": 16, "pg": [{"rank": 9}]}, """;

    /// <summary>What stands after the events; begins with a comma.</summary>
    internal string Tail { get; init; } = """, "traceName": "x.json", "baseTimeNanoseconds": 1700000000000000000""";

    internal KinetoTraceText Add(string category, string name, string start, string duration, string arguments = "")
    {
        events.Add($$"""{"ph": "X", "cat": "{{category}}", "name": "{{name}}", "pid": 0, "tid": 7, "ts": {{start}}, "dur": {{duration}}, "args": {"shapes": [[1, 2], []], "name": "not mine", "inner": {"device": 99, "bytes": 99}{{(arguments is "" ? "" : ", " + arguments)}} } }""");
        return this;
    }

    internal KinetoTraceText AddRaw(string text)
    {
        events.Add(text);
        return this;
    }

    internal byte[] ToBytes() => Encoding.UTF8.GetBytes("{" + Head + "\"traceEvents\": [" + string.Join(",\n", events) + "]" + Tail + "}");
}
