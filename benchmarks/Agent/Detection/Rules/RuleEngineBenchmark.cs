using BenchmarkDotNet.Attributes;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;

namespace Monitoring.Benchmarks.Agent.Detection.Rules;

/// <summary>A hundred rules on one frame of one of 16 GPUs: by the engine, and by looking at every sample of every window each time.</summary>
[MemoryDiagnoser]
public class RuleEngineBenchmark
{
    private const long Interval = 100_000_000;
    private const long FramesInWindows = 6000;

    private readonly double[] values = new double[RuleSet.Layout.Series.Count];
    private RuleEngine engine = null!;
    private SampleRules samples = null!;
    private long frame;

    [GlobalSetup]
    public void Fill()
    {
        engine = new RuleEngine(new NodeIdentity("benchmark", "node-1", "boot"), new Nobody(), 1_000_000_000);
        engine.Use(RuleSet.Definitions, 0);
        samples = new SampleRules(RuleSet.Definitions, RuleSet.Gpus, (int)FramesInWindows);
        for (; frame < FramesInWindows * RuleSet.Gpus; frame++)
        {
            Feed();
            samples.Keep((int)(frame % RuleSet.Gpus), values);
        }
    }

    /// <summary>The engine, its tick after every 16 frames included.</summary>
    [Benchmark]
    public void Engine()
    {
        Feed();
        frame++;
    }

    /// <summary>The same rules over the samples that their windows hold.</summary>
    [Benchmark(Baseline = true)]
    public int Samples()
    {
        var gpu = (int)(frame++ % RuleSet.Gpus);
        RuleSet.Fill(values, gpu, frame);
        samples.Keep(gpu, values);
        return samples.Count(gpu);
    }

    private void Feed()
    {
        var gpu = (int)(frame % RuleSet.Gpus);
        var number = frame / RuleSet.Gpus;
        RuleSet.Fill(values, gpu, number);
        engine.Take(RuleSet.Subjects[gpu], RuleSet.Layout, new FrameStamp(number, number * Interval / 1000, number * Interval, Tiers.Fast), values);
        if (gpu == RuleSet.Gpus - 1) engine.Tick(number * Interval, number * Interval / 1000);
    }

    private sealed class Nobody : IRuleListener
    {
        public void Changed(RuleChange change) => throw new InvalidOperationException($"{change.Event?.Title ?? change.Rule.Name}: nothing was to fire.");
    }
}
