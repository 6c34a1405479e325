//! The chart and the image in a real cluster: kubelets, containerd, kube-proxy.
mod real_cluster {
    use test_support::cluster::Cluster;

    #[test]
    fn starts() {
        let cluster = Cluster::start();
        println!(
            "{}",
            cluster.kubectl_prints(&["get", "nodes", "-o", "wide"])
        );
        println!(
            "{}",
            cluster.kubectl_prints(&["run", "x", "--image=localhost/pause:1"])
        );
        std::thread::sleep(std::time::Duration::from_secs(5));
        println!(
            "{}",
            cluster.kubectl_prints(&["get", "pods", "-A", "-o", "wide"])
        );
    }
}
