using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Pools;
using PushPlatform.PushNode;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

public sealed class PoolManifestsTests
{
    private static readonly InstallationDefaults Defaults = new("node:1", ServerAddress.Plain("redis:6379"), ServerAddress.Plain("amqp://rabbit"));

    [Fact]
    public void Deployment_TellsTheNodeEverythingItAsks()
    {
        V1Container node = Deployment(Pool()).Spec!.Template!.Spec!.Containers.ShouldHaveSingleItem();

        Dictionary<string, string?> env = node.Env!.ToDictionary(variable => variable.Name, variable => variable.Value ?? variable.ValueFrom?.FieldRef?.FieldPath);
        env[NodeEnvironment.Pool].ShouldBe("fleet/default");
        env[NodeEnvironment.Name].ShouldBe("metadata.name");
        env[NodeEnvironment.Redis].ShouldBe("redis:6379");
        env[NodeEnvironment.RabbitMq].ShouldBe("amqp://rabbit");
        env[NodeEnvironment.Auth].ShouldBe("None");
        env[NodeEnvironment.DrainSeconds].ShouldBe("60");
        env[NodeEnvironment.Sessions].ShouldBe("Single");
        node.Ports!.Select(port => (port.Name, port.ContainerPort)).ShouldBe([("vehicles", 8080), ("health", 8081)]);
        node.Image.ShouldBe("node:1");
    }

    // kubectl port-forward comes in over the pod's loopback.
    [Fact]
    public void Deployment_LetsTheNodeListenOnEveryAddress() =>
        Deployment(Pool()).Spec!.Template!.Spec!.Containers[0].Env!.ShouldNotContain(variable => variable.Name == NodeEnvironment.BindAddress);

    [Fact]
    public void Deployment_GivesTheDrainItsTime_AndRollsWithoutLoss()
    {
        V1DeploymentSpec spec = Deployment(Pool(new() { Auth = new() { Type = AuthType.None }, DrainSeconds = 200 })).Spec!;

        spec.Template!.Spec!.TerminationGracePeriodSeconds.ShouldBe(230);
        spec.Strategy!.RollingUpdate!.MaxUnavailable!.Value.Value.ShouldBe("0");
        spec.Strategy.RollingUpdate.MaxSurge!.Value.Value.ShouldBe("25%");
    }

    [Fact]
    public void Deployment_AsksForWhatWasDecided_AndKeepsSinceWhenFewerWouldDo()
    {
        QuietSpell spell = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), 3);

        V1Deployment deployment = Deployment(Pool(), new ScaleDecision { Replicas = 5, Serving = 4, Spell = spell });

        deployment.Spec!.Replicas.ShouldBe(5);
        QuietSpell.Parse(deployment.GetAnnotation(PoolManifests.QuietAnnotation)).ShouldBe(spell);
        Deployment(Pool()).Metadata.Annotations.ShouldBeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("yesterday 3")]
    [InlineData("2026-01-02T03:04:05Z")]
    [InlineData("2026-01-02T03:04:05Z many")]
    public void QuietSpell_ThatIsNone_BeginsAnew(string? text) => QuietSpell.Parse(text).ShouldBeNull();

    [Fact]
    public void Deployment_IsFitForRestrictedNamespaces()
    {
        V1PodSpec pod = Deployment(Pool()).Spec!.Template!.Spec!;

        pod.AutomountServiceAccountToken.ShouldBe(false);
        pod.SecurityContext!.RunAsNonRoot.ShouldBe(true);
        pod.SecurityContext.SeccompProfile!.Type.ShouldBe("RuntimeDefault");
        V1SecurityContext container = pod.Containers[0].SecurityContext!;
        container.AllowPrivilegeEscalation.ShouldBe(false);
        container.ReadOnlyRootFilesystem.ShouldBe(true);
        container.Capabilities!.Drop.ShouldBe(["ALL"]);
    }

    [Fact]
    public void Deployment_TokenKeys_AreMountedAndNamed()
    {
        V1PodSpec pod = Deployment(Pool(new()
        {
            Auth = new() { Type = AuthType.Token, Token = new() { KeysSecretRef = new() { Name = "car-keys", Key = "set.json" } } },
        })).Spec!.Template!.Spec!;

        V1VolumeMount mount = pod.Containers[0].VolumeMounts.ShouldHaveSingleItem();
        mount.ReadOnly.ShouldBe(true);
        pod.Volumes.ShouldHaveSingleItem().Secret!.SecretName.ShouldBe("car-keys");
        pod.Containers[0].Env!.Single(variable => variable.Name == NodeEnvironment.AuthKeysFile).Value.ShouldBe($"{mount.MountPath}/set.json");
    }

    /// <summary>What the operator writes, the node reads.</summary>
    [Fact]
    public void Deployment_OfAPerDevicePool_SaysSoToItsNodes()
    {
        PushPool pool = Pool(new() { Auth = new() { Type = AuthType.None }, Sessions = SessionMode.PerDevice });
        Dictionary<string, string?> env = Deployment(pool).Spec!.Template!.Spec!.Containers[0].Env!.ToDictionary(variable => variable.Name, variable => variable.Value);

        NodeOptions.Read(env.GetValueOrDefault, out _).ShouldNotBeNull().Sessions.ShouldBe(SessionMode.PerDevice);
    }

    [Fact]
    public void Tls_TheCertificateIsMounted_AndTheServiceSaysSo()
    {
        PushPool pool = Pool(new()
        {
            Auth = new() { Type = AuthType.Token, Token = new() { KeysSecretRef = new() { Name = "car-keys" } } },
            Tls = new() { SecretName = "car-tls" },
        });
        V1PodSpec pod = Deployment(pool).Spec!.Template!.Spec!;

        pod.Volumes!.Select(volume => volume.Secret!.SecretName).ShouldBe(["car-keys", "car-tls"]);
        string volume = pod.Volumes![1].Name;
        V1VolumeMount mount = pod.Containers[0].VolumeMounts!.Single(mount => mount.Name == volume);
        mount.ReadOnly.ShouldBe(true);
        pod.Containers[0].Env!.Single(variable => variable.Name == NodeEnvironment.TlsFolder).Value.ShouldBe(mount.MountPath);
        pod.Containers[0].Env!.Single(variable => variable.Name == NodeEnvironment.AuthKeysFile).Value!.ShouldNotStartWith(mount.MountPath + "/");
        PoolManifests.Service(pool).Spec!.Ports!.ShouldHaveSingleItem().AppProtocol.ShouldBe("kubernetes.io/wss");
    }

    [Fact]
    public void Deployment_AddressInASecret_IsReferencedNotCopied()
    {
        V1EnvVar redis = Deployment(Pool(new() { Auth = new() { Type = AuthType.None }, RedisSecretRef = new() { Name = "r" } }))
            .Spec!.Template!.Spec!.Containers[0].Env!.Single(variable => variable.Name == NodeEnvironment.Redis);

        redis.Value.ShouldBeNull();
        (redis.ValueFrom!.SecretKeyRef!.Name, redis.ValueFrom.SecretKeyRef.Key).ShouldBe(("r", "url"));
    }

    [Theory]
    [InlineData("redis:6379,password=hush", "amqp://rabbit", "redisSecretRef")]
    [InlineData("redis:6379, password = hush", "amqp://rabbit", "redisSecretRef")]
    [InlineData("redis:6379", "amqp://user:hush@rabbit", "rabbitmqSecretRef")]
    public void AddressFault_PasswordInPlainSight_IsRefused(string redis, string rabbit, string field) =>
        PoolManifests.AddressFault(Pool(), new("node:1", ServerAddress.Plain(redis), ServerAddress.Plain(rabbit))).ShouldNotBeNull().ShouldContain(field);

    [Fact]
    public void Deployment_Roles_ReachTheNodes_AndAreNotSetWhereThereAreNone()
    {
        PushPool pool = Pool(new() { Auth = new() { Type = AuthType.None }, Roles = ["head-unit", "driver-app"] });

        Deployment(pool).Spec!.Template!.Spec!.Containers[0].Env!.Single(variable => variable.Name == NodeEnvironment.Roles).Value.ShouldBe("head-unit,driver-app");
        Deployment(Pool()).Spec!.Template!.Spec!.Containers[0].Env!.ShouldNotContain(variable => variable.Name == NodeEnvironment.Roles);
    }

    [Fact]
    public void AllObjects_BelongToThePool_AndSelectItsPodsByOneLabel()
    {
        PushPool pool = Pool(new() { Auth = new() { Type = AuthType.None }, Template = new() { PodLabels = new Dictionary<string, string> { [PoolManifests.PoolLabel] = "stolen", ["team"] = "brakes" } } });
        V1Deployment deployment = Deployment(pool);
        IKubernetesObject<V1ObjectMeta>[] all = [deployment, PoolManifests.Service(pool), PoolManifests.DisruptionBudget(pool)];

        all.ShouldAllBe(entity => entity.GetController()!.Uid == "pool-uid" && entity.Name() == "push-default" && entity.Namespace() == "fleet");
        deployment.Spec!.Selector!.MatchLabels.ShouldBe(new Dictionary<string, string> { [PoolManifests.PoolLabel] = "default" });
        PoolManifests.DisruptionBudget(pool).Spec!.Selector!.MatchLabels.ShouldBe(deployment.Spec.Selector.MatchLabels);
        deployment.Spec.Template!.Metadata!.Labels![PoolManifests.PoolLabel].ShouldBe("default");
        deployment.Spec.Template.Metadata.Labels["team"].ShouldBe("brakes");
    }

    /// <summary>A pod that is being drained keeps its owner and its budget, and loses only newcomers.</summary>
    [Fact]
    public void Service_SelectsOnlyWhoAccepts_WhichEveryPodDoesAtFirst()
    {
        PushPool pool = Pool(new() { Auth = new() { Type = AuthType.None }, Template = new() { PodLabels = new Dictionary<string, string> { [PoolManifests.AcceptingLabel] = "false" } } });

        PoolManifests.Service(pool).Spec!.Selector.ShouldBe(new Dictionary<string, string> { [PoolManifests.PoolLabel] = "default", [PoolManifests.AcceptingLabel] = "true" }, ignoreOrder: true);
        Deployment(pool).Spec!.Template!.Metadata!.Labels![PoolManifests.AcceptingLabel].ShouldBe("true");
    }

    private static V1Deployment Deployment(PushPool pool, ScaleDecision? scale = null) =>
        PoolManifests.Deployment(pool, Defaults, scale ?? new ScaleDecision { Replicas = 2, Serving = 2 });

    private static PushPool Pool(PushPoolSpec? spec = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = "default", NamespaceProperty = "fleet", Uid = "pool-uid" },
        Spec = spec ?? new PushPoolSpec { Auth = new() { Type = AuthType.None } },
    };
}
