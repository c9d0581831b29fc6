using System.Globalization;

namespace Monitoring.Benchmarks.Agent.Detection.Rules;

/// <summary>The cost of rules as a share of a core, by the processor time of the process, which other programs on the machine hardly change.</summary>
internal static class RuleCost
{
    private const int FramesPerSecond = 10;
    private const int WarmUpFrames = 40_000;
    private const int Frames = 160_000;
    private const int SampleFrames = 320;

    /// <summary>Measures and prints.</summary>
    internal static void Print(TextWriter output)
    {
        var benchmark = new RuleEngineBenchmark();
        benchmark.Fill();
        for (var i = 0; i < WarmUpFrames; i++) benchmark.Engine();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var engine = ProcessorTime(Frames, benchmark.Engine);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Frames;
        var samples = ProcessorTime(SampleFrames, () => benchmark.Samples());

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{RuleSet.Rules} rules, {RuleSet.Gpus} GPUs, {FramesPerSecond} Hz, every rule on every frame; processor time"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a frame with all rules        {engine.TotalMicroseconds,10:0.00} us, {engine.TotalNanoseconds / RuleSet.Rules:0} ns a rule"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bytes allocated by a frame    {bytes,10:0.00}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"share of a core               {Share(engine),10:0.000} %"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the same over kept samples    {Share(samples),10:0.000} %, {samples / engine:0} times as much"));
    }

    private static double Share(TimeSpan frame) => 100 * frame.TotalSeconds * RuleSet.Gpus * FramesPerSecond;

    private static TimeSpan ProcessorTime(int times, Action run)
    {
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < times; i++) run();
        return (Environment.CpuUsage.TotalTime - before) / times;
    }
}
