using System.Globalization;
using System.Text;

namespace Monitoring.Benchmarks.Elasticsearch;

/// <summary>Events as the collector writes them, each with what follows from its number alone: index, id and text.</summary>
internal static class NumberedDocuments
{
    /// <summary>Documents are spread over the indices of so many months, as late ones are.</summary>
    internal const int Months = 3;

    internal static string Index(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"logs-gpu.{name}-default-2026.{9 + (number % Months):D2}-000001");

    internal static string Id(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}-{number:D8}");

    /// <summary>Lines for senders of lines: eight digits for the id, a blank, the document.</summary>
    internal static void Print(TextWriter output, int count)
    {
        for (var number = 0; number < count; number++) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number:D8} {Encoding.UTF8.GetString(Json(number))}"));
    }

    internal static byte[] Json(int number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$$"""
        {"@timestamp":"2026-{{{9 + (number % Months):D2}}}-15T10:{{{number / 60 % 60:D2}}}:{{{number % 60:D2}}}.000Z","ecs":{"version":"9.4.0"},"message":"GPU {{{number % 8}}} of node-{{{number % 1000}}}: XID 79, the GPU has fallen off the bus.","event":{"kind":"event","category":["driver"],"type":["error"],"action":"xid","code":"79","provider":"NVRM","module":"gpu","dataset":"gpu.event","severity":2,"sequence":{{{number}}} },"log":{"level":"critical"},"host":{"name":"node-{{{number % 1000}}}","boot":{"id":"5f0c9f3e-8a5d-4b0e-9f55-3a1c7f4f2b11"}},"device":{"id":"GPU-6d2a9bb5-1f0c-3d0e-8b5a-{{{number % 8000:D12}}}","serial_number":"{{{1650000000000 + (number % 8000)}}}","model":{"name":"NVIDIA H100 80GB HBM3"},"manufacturer":"NVIDIA","type":"gpu"},"gpu":{"index":{{{number % 8}}},"pci":{"bus_id":"0000:1b:00.0"},"xid":{"code":79,"mnemonic":"GPU_HAS_FALLEN_OFF_THE_BUS","bucket":"RESTART_BM"}},"data_stream":{"type":"logs","dataset":"gpu.event","namespace":"default"}}
        """));
}
