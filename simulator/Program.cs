using Monitoring.Simulator;
using Monitoring.Simulator.NodeProfiles;
using var node = SimulatedNode.Create(args[0], NodeProfile.Load(args[1]), 8, 0);
foreach (var u in node.Profile.Unplayed) Console.WriteLine(u);
for (var i = 0; i < 100; i++) { node.Advance(TimeSpan.FromMilliseconds(500)); if (i % 5 == 0) Console.WriteLine($"{node.Elapsed} {node.Gpus[0].PowerMilliwatts} {node.Gpus[0].TemperatureCelsius} {node.Gpus[0].SmClockMegahertz} {node.Gpus[0].GpuUtilizationPercent}"); }
Thread.Sleep(int.Parse(args[2]) * 1000);
