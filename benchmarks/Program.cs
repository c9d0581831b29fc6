using System.Reflection;
using BenchmarkDotNet.Running;
using Monitoring.Benchmarks.Agent.Capture.Summaries;
using Monitoring.Benchmarks.Agent.Detection;
using Monitoring.Benchmarks.Agent.Detection.Rules;
using Monitoring.Benchmarks.Elasticsearch;

// dotnet run -c Release --project benchmarks -- --filter '*Prometheus*'
if (args is ["rule-cost", ..])
    RuleCost.Print(Console.Out);
else if (args is ["detection-latency", ..])
    await DetectionLatency.PrintAsync(Console.Out);
else if (args is ["summary-speed", ..])
    SummarySpeed.Print(Console.Out);
else if (args is ["elasticsearch-sender", .. var words])
    await ElasticsearchSender.RunAsync(SenderOptions.Parse(words), Console.Out);
else if (args is ["elasticsearch-lines", var count])
    NumberedDocuments.Print(Console.Out, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
else
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
