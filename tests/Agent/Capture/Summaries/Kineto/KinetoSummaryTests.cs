using System.IO.Compression;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Summaries;
using Monitoring.Agent.Capture.Summaries.Kineto;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries.Kineto;

/// <summary>The expected numbers of real traces were computed from their JSON by other means.</summary>
public sealed class KinetoSummaryTests
{
    [Fact]
    public void A_rank_of_a_large_job()
    {
        var summary = Rank(0);

        summary.Tool.Should().Be("PyTorch profiler, rank 0 of 128");
        summary.Window.Should().Be(new SummaryWindow(3.367344, DateTimeOffset.UnixEpoch.AddTicks(16827258972267470)));
        summary.Recorded.Should().Equal("kernel", "gpu_memcpy", "gpu_memset", "cuda_runtime", "cpu_op", "user_annotation");
        summary.Kernels.Should().BeEquivalentTo(new { Count = 1154, TotalSeconds = 0.606519, Names = 194 });
        summary.Kernels!.Rows[0].Should().BeEquivalentTo(new { Name = "ncclKernel_SendRecv_RING_SIMPLE_Sum_int8_t", Count = 10, TotalSeconds = 0.396199, MinSeconds = 0.011727, MaxSeconds = 0.067827 });
        summary.Nccl.Should().BeEquivalentTo(new { Count = 10, TotalSeconds = 0.396199 });
        summary.Nccl!.ExposedSeconds.Should().BeApproximately(0.336033, 1e-9);
        summary.ApiCalls.Should().BeEquivalentTo(new { Count = 1204, TotalSeconds = 0.011050, Names = 3 });
        summary.Operators.Should().BeEquivalentTo(new { Count = 2329, TotalSeconds = 0.762503, Names = 162 });
        summary.Ranges!.Count.Should().Be(71, "of 73 annotations two are steps");
        summary.Steps.Should().Be(new StepSummary(2, 0.615120, 0.615120, 0.607312, 0.622928, "ProfilerStep#552"));
        summary.Copies!.Rows.Select(static row => (row.Kind, row.Count, row.Bytes, row.TotalSeconds)).Should().Equal(
            ("host_to_device", 24, 4866112, 0.000877), ("device_to_device", 8, 209194904, 0.000404), ("fill", 10, 8030732, 0.000028), ("device_to_host", 8, 6115, 0.000016));
        var gpu = summary.Gpus.Should().ContainSingle().Subject;
        (gpu.Device, gpu.BusySeconds, gpu.IdleBeforeSeconds, gpu.IdleAfterSeconds).Should().Be((0, 0.547656, 0.855481, 1.289016));
        (gpu.Gaps.Count, gpu.Gaps.TotalSeconds, gpu.Gaps.LongestSeconds, gpu.Gaps.LongestAtSeconds).Should().Be((930, 0.675191, 0.058862, 1.845457));
        summary.Triage.Select(static finding => finding.Code).Should().BeEquivalentTo("gpu_idle", "nccl_bound");
        summary.IsIncomplete.Should().BeFalse();
    }

    [Theory]
    [InlineData("nccl_parser_config/nccl_data.json.gz", 2700, 0.162532340, 70, 3480, 0.503050991, 0.015718606, 0.046876493)]
    [InlineData("trace_filter/sampled_rank-1.json.gz", 1104, 0.651026, 183, 826, 0.651136, 0.064046, 0.379053)]
    [InlineData("critical_path/alexnet/benchmark_result_2869224_1695835535_trace.json.gz", 79, 0.010692, 16, 95, 12.854103, 10.033725, 0)]
    public void Real_traces(string file, long kernels, double kernelSeconds, int names, long gaps, double gapSeconds, double longestGap, double nccl)
    {
        var summary = KinetoSummary.Read(Requirement.SharedData(["kineto-traces", "tests", "data", .. file.Split('/')]));

        summary.Kernels.Should().BeEquivalentTo(new { Count = kernels, TotalSeconds = kernelSeconds, Names = names });
        summary.Gpus.Should().ContainSingle().Which.Gaps.Should().BeEquivalentTo(new { Count = gaps, TotalSeconds = gapSeconds, LongestSeconds = longestGap });
        (summary.Nccl?.TotalSeconds ?? 0).Should().Be(nccl);
    }

    [Fact]
    public void Times_are_exact_where_a_double_is_not()
    {
        var summary = KinetoSummary.Read(Requirement.SharedData("kineto-traces", "tests", "data", "nccl_parser_config", "nccl_data.json.gz"));
        summary.Window.Should().Be(new SummaryWindow(0.696181687, DateTimeOffset.UnixEpoch.AddTicks(17164233223880687)));
        summary.Gpus[0].Gaps.LongestAtSeconds.Should().Be(0.037877852);
        summary.Gpus[0].Name.Should().Be("NVIDIA A100-PG509-200");
        summary.Nccl!.ExposedSeconds.Should().BeApproximately(0.039190669, 1e-12);
    }

    [Fact]
    public void A_trace_without_a_GPU()
    {
        var summary = KinetoSummary.Read(Requirement.SharedData("kineto-samples", "kineto-2.14-cpu-300ms.json"));

        summary.Operators.Should().BeEquivalentTo(new { Count = 1390, TotalSeconds = 0.345998365, Names = 47 });
        summary.Operators!.Rows[0].Should().BeEquivalentTo(new { Name = "autograd::engine::evaluate_function: AddmmBackward0", Count = 20, TotalSeconds = 0.126376873 });
        summary.Window.From.Should().Be(DateTimeOffset.UnixEpoch.AddTicks(17952270320527519));
        (summary.Kernels, summary.Copies, summary.ApiCalls).Should().Be((null, null, null));
    }

    [Fact]
    public void What_people_read() => GoldenFile.Check("Agent/summary-kineto-rank-0.txt", SummaryText.Of(Rank(0)));

    [Fact]
    public void The_fields_of_events_are_told_from_those_within_them()
    {
        var summary = Read(new KinetoTraceText()
            .Add("kernel", "void k<int>(int)", "100.5", "10.25", "\"device\": 1")
            .Add("Kernel", "ncclDevKernel_AllReduce_Sum", "1e2", "2", "\"device\": 1")
            .Add("gpu_memcpy", "Memcpy HtoD (Pinned -> Device)", "200", "1", "\"bytes\": 1000, \"device\": 1")
            .Add("python_function", "f", "0", "1000000")
            .AddRaw("""{"ph": "M", "name": "process_name", "pid": 5, "ts": 0, "dur": 5, "cat": "kernel"}""")
            .AddRaw("""{"ph": "X", "cat": "kernel", "name": "no time"}"""));

        summary.Tool.Should().Be("PyTorch profiler, rank 3 of 16");
        summary.Gpus.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Device = 1, Name = "NVIDIA H100", Kernels = 2, KernelSeconds = 12.25e-6, CopySeconds = 1e-6 });
        summary.Kernels!.Rows[0].Should().BeEquivalentTo(new { Name = "k", FullName = "void k<int>(int)", TotalSeconds = 10.25e-6 });
        summary.Nccl!.Count.Should().Be(1);
        summary.Copies!.Bytes.Should().Be(1000);
        summary.Window.From.Should().Be(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddTicks(1000), "without a span it is what was seen");
    }

    [Theory]
    [InlineData("123", 123_000L)]
    [InlineData("4370006060535.610", 4370006060535610L)]
    [InlineData("1695835542481129", 1695835542481129000L)]
    [InlineData("0.0009", 0L)]
    [InlineData("-1.5", -1500L)]
    [InlineData("1.5e3", 1_500_000L)]
    [InlineData("1e300", null)]
    [InlineData("99999999999999999999", null)]
    public void Microseconds_become_nanoseconds(string text, long? expected) => KinetoTime.Nanoseconds(Encoding.UTF8.GetBytes(text)).Should().Be(expected);

    [Fact]
    public void A_trace_that_is_cut_off_says_so_and_holds_what_came_before()
    {
        var trace = new KinetoTraceText();
        for (var index = 0; index < 1000; index++) trace.Add("cpu_op", "aten::add", $"{index}", "1");
        var whole = trace.ToBytes();
        foreach (var pack in (bool[])[false, true])
        {
            var bytes = pack ? Packed(whole) : whole;
            var summary = KinetoSummary.Read(new MemoryStream(bytes[..(bytes.Length / 2)]), "half.json");
            summary.IsIncomplete.Should().BeTrue();
            summary.Notes.Should().ContainSingle().Which.Should().StartWith("The trace is not whole: it ").And.EndWith($"The summary is of the {summary.Operators!.Count} events before.");
            summary.Operators.Count.Should().BeInRange(100, 900);
            summary.Triage[0].Code.Should().Be(TriageCodes.ProfilerTrouble);
        }
    }

    [Theory]
    [InlineData("", "before any traceEvents it is cut off at byte 0")]
    [InlineData("[[1,2],[3,4]]", "it has no traceEvents")]
    [InlineData("{\"a\":{\"traceEvents\":[]}}", "it has no traceEvents")]
    [InlineData("no json", "before any traceEvents it is no JSON from byte 0 on*")]
    public void What_is_no_trace_is_refused(string text, string words) =>
        FluentActions.Invoking(() => KinetoSummary.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "x.json")).Should().Throw<SummaryException>().WithMessage($"'x.json' is no trace of PyTorch: {words}");

    [Fact]
    public void What_unfolds_without_end_is_ended()
    {
        var trace = new KinetoTraceText { Tail = ", \"x\": \"" + new string('a', 3_000_000) + "\"" }.Add("cpu_op", "a", "1", "1");
        var summary = KinetoSummary.Read(new MemoryStream(Packed(trace.ToBytes())), "bomb.json.gz", bytesAtMost: 1_000_000);
        summary.Notes.Should().ContainSingle().Which.Should().StartWith("The trace is not whole: it is longer than 1000000 bytes.");

        trace = new KinetoTraceText { Tail = ", \"x\": \"" + new string('a', 9_000_000) + "\"" }.Add("cpu_op", "a", "1", "1");
        KinetoSummary.Read(new MemoryStream(trace.ToBytes()), "long.json").Notes.Should().ContainSingle().Which.Should().Contain("a text of over");
    }

    [Fact]
    public void Any_pieces_of_the_stream_give_the_same()
    {
        var bytes = File.ReadAllBytes(Requirement.SharedData("kineto-samples", "kineto-2.14-cpu-300ms.json"));
        var expected = SummaryText.Of(KinetoSummary.Read(new MemoryStream(bytes), "x"));
        Prop.ForAll(Arb.From(Gen.Choose(1, 10_000)), seed =>
            SummaryText.Of(KinetoSummary.Read(new RaggedStream(bytes, seed), "x")).Should().Be(expected)).Check(Fuzzing.Cases(10));
    }

    [Fact]
    public void Random_damage_gives_a_summary_or_a_refusal()
    {
        var whole = File.ReadAllBytes(Requirement.SharedData("kineto-samples", "kineto-2.14-cpu-300ms.json"));
        var packed = Packed(whole);
        var random = new Random(5);
        var read = 0;
        for (var round = 0; round < 200; round++)
        {
            var bytes = (byte[])(round % 2 == 0 ? whole : packed).Clone();
            for (var hit = random.Next(1, 6); hit > 0; hit--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                var summary = KinetoSummary.Read(new MemoryStream(bytes), "x.json");
                JsonSerializer.Serialize(summary, CaptureJson.Default.ProfilerSummary).Should().NotBeEmpty();
                read++;
            }
            catch (SummaryException)
            {
            }
        }
        read.Should().BeInRange(50, 200);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_trace()
    {
        var piece = Encoding.UTF8.GetBytes(string.Join(",", Enumerable.Range(0, 200).Select(static index =>
            $$"""{"ph": "X", "cat": "kernel", "name": "void kernel_{{index % 20}}<float>(float*)", "pid": 0, "tid": 7, "ts": {{index * 10}}.125, "dur": 5.5, "args": {"device": 0, "stream": 7, "grid": [1,1,1]} }""")));
        using var stream = new RepeatedStream(Encoding.UTF8.GetBytes("{\"traceEvents\": ["), piece, 2000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var summary = KinetoSummary.Read(stream, "large.json");

        summary.Kernels!.Count.Should().Be(400_000);
        stream.Length.Should().BeGreaterThan(60_000_000);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(10_000_000);
    }

    internal static ProfilerSummary Rank(int rank) => KinetoSummary.Read(Requirement.SharedData("kineto-traces", "tests", "data", "trace_filter", $"sampled_rank-{rank}.json.gz"));

    private static ProfilerSummary Read(KinetoTraceText trace) => KinetoSummary.Read(new MemoryStream(trace.ToBytes()), "x.json");

    private static byte[] Packed(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>Gives between one byte and a few thousand at a time.</summary>
    private sealed class RaggedStream(byte[] bytes, int seed) : MemoryStream(bytes)
    {
        private readonly Random random = new(seed);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, random.Next(1, 5000)));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, random.Next(1, 5000))]);
    }

    /// <summary>A begin, a piece many times with commas between, and the brackets that close it.</summary>
    private sealed class RepeatedStream(byte[] head, byte[] piece, int times) : Stream
    {
        private readonly byte[] first = [.. head, .. piece];
        private readonly byte[] next = [(byte)',', .. piece];
        private long place;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => first.Length + ((times - 1L) * next.Length) + 2;

        public override long Position { get => place; set => place = value; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (place >= Length || buffer.Length == 0) return 0;
            var source = place < first.Length ? first.AsSpan((int)place)
                : place >= Length - 2 ? "]}"u8[(int)(place - (Length - 2))..]
                : next.AsSpan((int)((place - first.Length) % next.Length));
            var count = Math.Min(source.Length, buffer.Length);
            source[..count].CopyTo(buffer);
            place += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
